/*
 * aggregate - sums over released cells: by day and dimensions, for some values only.
 *
 * All of it is post-processing of what is public already. Sums are made of the noisy values
 * as they are; only what would be shown below the threshold is hidden, at the very end.
 */
#ifndef TAMIS_PRIVACY_AGGREGATE_H
#define TAMIS_PRIVACY_AGGREGATE_H

#include "release.h"

#define AGGREGATE_DAYS_MAX 90
#define AGGREGATE_DIMENSIONS_MAX 8

struct aggregate_filter {
	const char *dimension, *value;
};

struct aggregate_question {
	const char *metric;
	int32_t from, to; /* both included, at most AGGREGATE_DAYS_MAX days */
	bool by_day;
	size_t n_groups, n_filters;
	const char *groups[AGGREGATE_DIMENSIONS_MAX];
	struct aggregate_filter filters[AGGREGATE_DIMENSIONS_MAX];
};

struct aggregate_row {
	const char *day;   /* NULL: over all days */
	const char *label; /* the groups' values, joined by '|' */
	int64_t value, lo95, hi95;
	bool hidden; /* the value is below RELEASE_THRESHOLD: not to be shown, nor lo95 and hi95 */
};

struct aggregate;

/*
 * ST_INVALID: fault names the parameter ("group_by", "filter") that the metric does not have,
 * or, of a metric that is asked dimension by dimension, more than one of them.
 * ST_OK: caller ends *out with aggregate_free(). No release in these days: no rows.
 */
MUST_CHECK enum status aggregate_make(struct aggregate **out, struct store *store,
				      const struct aggregate_question *question, const char **fault,
				      struct reason *why);
void aggregate_free(struct aggregate *aggregate);

size_t aggregate_rows(const struct aggregate *aggregate);
struct aggregate_row aggregate_row(const struct aggregate *aggregate, size_t i);
/* The weakest promise of the releases that are in it; NULL: there are none. */
const struct promise *aggregate_promise(const struct aggregate *aggregate);
/* The releases' ids in order of days, n of them. */
size_t aggregate_releases(const struct aggregate *aggregate);
const char *aggregate_release(const struct aggregate *aggregate, size_t i);

#endif
