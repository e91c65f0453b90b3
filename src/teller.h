/*
 * teller - declared counts of a program in process: what POST /api/counts and
 * /api/analytics/increment do, as calls.
 *
 * One of a process, for one thread at a time. What teller_count() returned from survives
 * kill -9; `tamis rollup` brings it into the store.
 */
#ifndef TAMIS_TELLER_H
#define TAMIS_TELLER_H

#include "buf.h"
#include "config.h"

struct teller;

/* config is borrowed. ST_NOT_FOUND: counts.registry is empty. ST_CONFIG: it is wrong. */
MUST_CHECK enum status teller_open(struct teller **out, const struct config *config,
				   struct reason *why);
void teller_close(struct teller *teller);
/* In a child after fork(), instead: the memory is the parent's image. */
void teller_disown(struct teller *teller);

/* What is counted; id and source NULL where the metric has none. */
struct told {
	const char *name, *id, *source;
	uint64_t count;
};
/* ST_INVALID, ST_NOT_FOUND, ST_DENIED: why names the field. ST_FULL, ST_BUSY, ST_IO: not kept. */
MUST_CHECK enum status teller_count(struct teller *teller, const struct told *told,
				    struct reason *why);

/* What is counted for releases: "name=value" pairs, NULL-ended; whose contribution it is. */
struct told_report {
	const char *metric, *address;
	const char *const *dimensions;
};
/*
 * As POST /api/analytics/increment, bounded for this address; where the registry says krr, the
 * answer is replaced at random before anything is kept of it. Besides: ST_LIMITED: of this client
 * nothing more counts today. ST_UNAVAILABLE: cannot be bounded.
 */
MUST_CHECK enum status teller_report(struct teller *teller, const struct told_report *told,
				     struct reason *why);
/*
 * {"metric":{"used":1,"allowed":10,"epsilon":2.000000},...}: what counts of this address today,
 * and what of it may. ST_UNAVAILABLE: nobody knows, and nothing is taken therefore.
 */
MUST_CHECK enum status teller_budget(struct teller *teller, const char *address, struct buf *out);

#endif
