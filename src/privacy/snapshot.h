/*
 * snapshot - the daily job: a release of every metric for every day that is over, once.
 *
 * A journal apart from the store remembers what was released (warrant.h): where the store knows
 * less it was restored from a backup, and nothing is released a second time.
 */
#ifndef TAMIS_PRIVACY_SNAPSHOT_H
#define TAMIS_PRIVACY_SNAPSHOT_H

#include "registry.h"
#include "store.h"

struct snapshot_done {
	unsigned made, there, refused;
	unsigned shut; /* days that tamis snapshot --restored has closed */
};

/*
 * Release all metrics of the registry with a mechanism for the days from..to, both included;
 * a day that is not over (today is not) is ST_USAGE. Metrics go on after one that failed;
 * the first failure is returned. ST_DENIED: the journal in journal_dir is no witness.
 */
MUST_CHECK enum status snapshot_take(struct store *store, const struct registry *registry,
				     const char *journal_dir, int32_t from, int32_t to,
				     int32_t today, struct snapshot_done *done, struct reason *why);

/* The first day that a metric has not been released for, going back at most `days` before
 * yesterday; yesterday where it never was. */
MUST_CHECK enum status snapshot_due(struct store *store, const struct registry *registry,
				    int32_t today, int32_t days, int32_t *from, struct reason *why);

#endif
