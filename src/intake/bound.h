/*
 * bound - how much one client may contribute a day: what the noise is measured by.
 *
 * A table of one size in memory on tmpfs, shared by all processes. A client and metric are
 * known by a hash under a random key that lives one day (UTC) and is never on a disk; the
 * table goes with it. A file on the disk says which day had a table, and no more: if that is
 * lost, or the clock goes back, the day takes no more reports. Whatever goes wrong refuses: a
 * contribution that is not bounded would break the promise that is published.
 */
#ifndef TAMIS_INTAKE_BOUND_H
#define TAMIS_INTAKE_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define BOUND_ATTEMPTS 100 /* a metric, day and client: the limit against abuse */
#define BOUND_CELLS_MAX 10

struct bound;

/* What one client-day may: L0 cells, Linf increments of each. */
struct allowance {
	uint64_t cells, each;
	bool apart; /* a cell that comes again counts as another one (randomised answers) */
};

/* dir: the directory of the day's key. marker: path of the file on the disk. One thread's.
 * ST_IO, ST_DENIED: why. */
MUST_CHECK enum status bound_open(struct bound **out, const char *dir, const char *marker,
				  struct reason *why);
void bound_close(struct bound *bound);

/*
 * May this client (bytes of any kind, hashed at once) add to this cell today? ST_OK: it was
 * noted that it did. ST_LIMITED: it tried too often today. ST_END: it has given all that
 * counts of a client. ST_UNAVAILABLE: no place in the table, or no table.
 */
MUST_CHECK enum status bound_take(struct bound *bound, int32_t day, const void *client, size_t len,
				  const char *metric, uint32_t cell,
				  const struct allowance *allowance);
/* How much this client has given of the metric today; nothing is changed. ST_UNAVAILABLE: no table.
 */
MUST_CHECK enum status bound_used(struct bound *bound, int32_t day, const void *client, size_t len,
				  const char *metric, uint64_t *used);

#endif
