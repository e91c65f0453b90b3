/*
 * publish - release what is over, and write it as a page and a CSV file.
 */
#ifndef TAMIS_PUBLISH_H
#define TAMIS_PUBLISH_H

#include "config.h"
#include "registry.h"
#include "store.h"

/* A day is released when the day after it is over: until then it may still be counted. */
#define PUBLISH_AGE_DAYS 2

/* Release the tables that are due, of all metrics with read: released and no mechanism;
 * back to counts.retention_days. *made: how many. */
MUST_CHECK enum status publish_release(struct store *store, const struct registry *registry,
				       int32_t today, int32_t days, unsigned *made,
				       struct reason *why);
/* index.html and counts.csv in directory, each replaced at once; from releases alone. */
MUST_CHECK enum status publish_write(struct store *store, const struct registry *registry,
				     int32_t today, int32_t days, const char *directory,
				     struct reason *why);

#endif
