/*
 * released - what is published of declared counters: answers from releases alone, and the
 * job that makes them.
 */
#ifndef TAMIS_RELEASED_H
#define TAMIS_RELEASED_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "config.h"

struct released_reader;

/* One thread's; the store is opened at the first question, and again after it was lost. */
MUST_CHECK enum status released_reader_new(struct released_reader **out,
					   const struct config *config);
void released_reader_free(struct released_reader *reader);

#define RELEASED_PARTS_MAX 8
#define RELEASED_DAYS_MAX 90

/* What is asked: strings of the request; days as day.h's, both included. */
struct released_question {
	const char *metric;
	int32_t from, to;
	size_t n_groups, n_filters;
	const char *groups[RELEASED_PARTS_MAX]; /* dimensions, or "day" */
	const char *filter_names[RELEASED_PARTS_MAX], *filter_values[RELEASED_PARTS_MAX];
	bool csv;
};

/*
 * {"metric":…,"privacy":{…},"cells":[{…,"value","lo95","hi95"}]}, or the cells as CSV and what
 * is said as privacy as JSON in *promise.
 * ST_NOT_FOUND: no such metric in the registry, or none that is released. ST_INVALID: *fault
 * names the parameter that is wrong.
 */
MUST_CHECK enum status released_answer(struct released_reader *reader,
				       const struct released_question *question, struct buf *out,
				       struct buf *promise, const char **fault, struct reason *why);
/* Every released metric: its last day, and its total over the last thirty days. */
MUST_CHECK enum status released_health(struct released_reader *reader, struct buf *out,
				       struct reason *why);

/* How many releases the job made, found there, and refused; and found shut by --restored. */
struct released_job {
	unsigned made, there, refused, shut;
};
/*
 * Bring what is counted into the store, then release `day` (day.h), or with DAY_NEVER all days
 * that are over and not released yet, back to ninety. Once, however often it is run.
 */
MUST_CHECK enum status released_snapshot(const struct config *config, int32_t day,
					 struct released_job *job, struct reason *why);
/*
 * The journal of releases is missing or a copy. restored: store or journal came from a backup,
 * so no day that is over is released any more; else both were moved and the copy is the newest.
 */
MUST_CHECK enum status released_warrant(const struct config *config, bool restored,
					struct reason *why);

#endif
