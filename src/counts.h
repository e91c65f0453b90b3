/*
 * counts - reading daily counts: for the team alone, they are exact.
 */
#ifndef TAMIS_COUNTS_H
#define TAMIS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "config.h"
#include "day.h"

/* What is kept apart besides the metric; the rest is summed. counts_groups[] names them. */
enum counts_group { GROUP_ALL, GROUP_NAME, GROUP_DATE, GROUP_ID, GROUP_SOURCE, GROUPS };
extern const char *const counts_groups[GROUPS];

#define COUNTS_DAYS_MAX 3660

struct counts_question {
	const char *name, *id; /* "" for all */
	int32_t from, to;      /* days, both included */
	enum counts_group group;
	uint64_t rows_max; /* beyond: ST_TOO_LARGE */
};

/* NULL: summed over. */
struct counts_row {
	const char *name, *id, *date, *source;
	uint64_t count;
};

struct counts_reader;

/* One thread's; the store is opened at the first question, and again after it was lost. */
MUST_CHECK enum status counts_reader_new(struct counts_reader **out, const struct config *config);
void counts_reader_free(struct counts_reader *reader);

/* Call visit for each row: cells in order of date, name, id, source; sums of name first. A store
 * that is not there yet has none. */
typedef void counts_row_fn(void *context, const struct counts_row *row);
MUST_CHECK enum status counts_read(struct counts_reader *reader,
				   const struct counts_question *question, counts_row_fn *visit,
				   void *context, struct reason *why);

/* All rows as {"from":…,"to":…,"group_by":…,"rows":[…]}, or as CSV with a head line. */
MUST_CHECK enum status counts_json(struct counts_reader *reader,
				   const struct counts_question *question, struct buf *out,
				   struct reason *why);
MUST_CHECK enum status counts_csv(struct counts_reader *reader,
				  const struct counts_question *question, struct buf *out,
				  struct reason *why);

/* "event_date" as GROUP_DATE; GROUPS: it is none. */
enum counts_group counts_group_find(const char *name, size_t len);

#endif
