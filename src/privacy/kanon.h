/*
 * kanon - tables that may leave the team without noise: what is small is hidden, and so is
 * what would give it away.
 *
 * A line is the counts of one name and day by event_id, with their total. Cells below the
 * threshold are hidden; and unless at least two are hidden that make the threshold together,
 * the smallest others are hidden, too, or else the total is. A day's line is released once
 * and stays, so that no second one can be held against it. This is k-anonymity and no
 * differential privacy: who knows other cells from elsewhere may still learn more.
 */
#ifndef TAMIS_PRIVACY_KANON_H
#define TAMIS_PRIVACY_KANON_H

#include <stdbool.h>

#include "entropy.h"
#include "store.h"

#define KANON_THRESHOLD 5
#define KANON_LABEL "k-anonymity, no differential privacy"

struct kanon_cell {
	const char *id;
	uint64_t count;
	bool hidden;
};
/* Decide what of a line is hidden; false: its total is, as well. */
bool kanon_hide(struct kanon_cell *cells, size_t n);

/* Made by table_release_make(), or read back; there is no other way to one. */
struct table_release;

/*
 * Release one name's days from..to, in one transaction, but those that were released
 * before: they stay. *made: how many. ST_IO: no randomness for their ids.
 */
MUST_CHECK enum status table_release_make(struct store *store, const char *event_name, int32_t from,
					  int32_t to, struct entropy *entropy, unsigned *made,
					  struct reason *why);

/* Releases of a name, the newest day first. */
typedef enum status table_visit_fn(void *context, const struct table_release *table);
MUST_CHECK enum status table_release_read(struct store *store, const char *event_name, int32_t from,
					  int32_t to, table_visit_fn *visit, void *context,
					  struct reason *why);

const char *table_day(const struct table_release *table);
const char *table_id(const struct table_release *table);
/* -1: hidden, or nothing was counted; the two are not told apart. */
int64_t table_total(const struct table_release *table);
/* The cells that are not hidden. */
size_t table_size(const struct table_release *table);
struct kanon_cell table_cell(const struct table_release *table, size_t i);

#endif
