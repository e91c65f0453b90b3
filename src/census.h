/*
 * census - daily counts from the application's own database, as the registry declares.
 *
 * A metric's day is replaced as a whole, in one transaction, so taking it again with the
 * same database gives the same table.
 */
#ifndef TAMIS_CENSUS_H
#define TAMIS_CENSUS_H

#include "registry.h"
#include "store.h"

struct census_done {
	unsigned metrics; /* taken */
	uint64_t cells;	  /* set */
};

/*
 * All metrics with from_sql, for one day (day.h), from the database at url. With
 * from_change it is kept how it stood, and what is counted is by how much that changed
 * since the last day before that was looked at; where there is none, nothing is counted.
 * Goes on with the other metrics after one failed and returns the first failure: why names
 * the metric, never a value.
 */
MUST_CHECK enum status census_take(struct store *store, const struct registry *registry,
				   const char *url, int32_t day, struct census_done *done,
				   struct reason *why);

#endif
