/*
 * spool_walk - look at what lies on a spool or among dead letters, for `tamis spool`.
 */
#ifndef TAMIS_SPOOL_SPOOL_WALK_H
#define TAMIS_SPOOL_SPOOL_WALK_H

#include <stdint.h>

#include "clean.h"
#include "stamp.h"
#include "status.h"

/* Returns 0 to go on. segment: the file's path. */
typedef int spool_visit_fn(void *context, const char *segment, uint64_t offset,
			   const struct clean *clean, const struct stamp *stamp);
/*
 * Every intact record in file order, also of live segments and dead letters, without a
 * checkpoint and disturbing nobody. Damaged places go to `damage`, without a clean event;
 * so do intact records of an unknown version (these with a stamp). ST_NOT_FOUND: no dir.
 */
MUST_CHECK enum status spool_walk(const char *dir, spool_visit_fn *visit, spool_visit_fn *damage,
				  void *context);

/* What lies on a spool, done or not. */
struct spool_amount {
	uint64_t bytes;
	uint64_t segments;
	uint64_t events;
	int64_t oldest_us; /* when the first was appended, 0: none */
};
/* In a moment for any backlog, as sealed segments say what they hold. ST_NOT_FOUND: no dir. */
MUST_CHECK enum status spool_measure(const char *dir, struct spool_amount *amount);

#endif
