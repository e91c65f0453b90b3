/*
 * envoy - increments for a responder elsewhere: answered at random here, sent in batches.
 *
 * They wait in memory, in an order that is drawn, and leave together at a moment that is drawn, so
 * that neither tells when one was counted. Whose each is the responder learns as a bucket: a hash
 * under a key of the token and the day, the same in all processes of an application, another
 * one tomorrow. What a client has told today is kept as a number, under a hash whose key is
 * this process' alone. One of a process; any thread may call.
 */
#ifndef TAMIS_ENVOY_H
#define TAMIS_ENVOY_H

#include "buf.h"
#include "config.h"
#include "teller.h"

struct envoy;

/* config is borrowed. ST_CONFIG: registry, token or URL. */
MUST_CHECK enum status envoy_open(struct envoy **out, const struct config *config,
				  struct reason *why);
/* What still waits is lost, unless envoy_flush() came before. */
void envoy_close(struct envoy *envoy);

/*
 * As teller_report(), for told->address, or for this device where that is NULL. ST_LIMITED: it has
 * told all that counts of it today. ST_FULL: more waits than umami.async.queue_size.
 */
MUST_CHECK enum status envoy_report(struct envoy *envoy, const struct told_report *told,
				    struct reason *why);
/* {"metric":{"used":1,"allowed":10,"epsilon":2.000000},...} of this client today. */
MUST_CHECK enum status envoy_budget(struct envoy *envoy, const char *address, struct buf *out);
/* Send what waits now. ST_UNAVAILABLE: not within wait_ms. */
MUST_CHECK enum status envoy_flush(struct envoy *envoy, int wait_ms);

#endif
