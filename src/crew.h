/*
 * crew - what a libtamis handle has in one process: gateway, its workers, the courier.
 *
 * Opened by the first call that needs it, in a child of fork() anew. What belongs to a
 * process lies in memory that fork() wipes, so a child finds no lock that a thread held
 * which it does not have, no worker and no thread; its copies of the parent's files are closed
 * at the fork already, or the parent's death would not show to others.
 */
#ifndef TAMIS_CREW_H
#define TAMIS_CREW_H

#include <stdbool.h>

#include "buf.h"
#include "config.h"
#include "gateway.h"
#include "teller.h"

struct crew;

/* config is borrowed until crew_free(). */
enum crew_way {
	CREW_LOCAL,
	CREW_FORWARD, /* with a courier */
	CREW_REMOTE, /* increments go to a responder elsewhere; of this machine nothing is opened */
};
MUST_CHECK enum status crew_new(struct crew **out, const struct config *config, enum crew_way way,
				struct reason *why);
/*
 * Ends what this process opened; no worker may be away. False: the courier did not come to
 * an end within wait_ms and goes on with the configuration, which must stay then.
 */
bool crew_free(struct crew *crew, int wait_ms);

/*
 * A worker of this process, the caller's alone until crew_give(). Waits for one where
 * CREW_MAX are away. why says what could not be opened.
 */
#define CREW_MAX 64
MUST_CHECK enum status crew_take(struct crew *crew, struct gateway_worker **out,
				 struct reason *why);
void crew_give(struct crew *crew, struct gateway_worker *worker);

/* Declared counts, by one thread at a time; what they need is opened if need be. */
MUST_CHECK enum status crew_count(struct crew *crew, const struct told *told, struct reason *why);
MUST_CHECK enum status crew_report(struct crew *crew, const struct told_report *told,
				   struct reason *why);
/* As teller_budget() or envoy_budget(). */
MUST_CHECK enum status crew_budget(struct crew *crew, const char *address, struct buf *out);
/* This process', opened if need be. */
MUST_CHECK enum status crew_gateway(struct crew *crew, struct gateway **out, struct reason *why);
/*
 * Have all that is on the spool delivered. ST_NOT_FOUND: not by this process.
 * ST_UNAVAILABLE: not within wait_ms.
 */
MUST_CHECK enum status crew_deliver(struct crew *crew, int wait_ms);

#endif
