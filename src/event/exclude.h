/*
 * exclude - whose events the operator shuts out: own networks, foreign hosts, referrer spam.
 */
#ifndef TAMIS_EVENT_EXCLUDE_H
#define TAMIS_EVENT_EXCLUDE_H

#include "config.h"
#include "event.h"

struct exclude; /* immutable, shared by threads */

/* config is borrowed until exclude_close(). ST_CONFIG, ST_NOT_FOUND, ST_IO: why. */
MUST_CHECK enum status exclude_open(struct exclude **out, const struct config *config,
				    struct reason *why);
void exclude_close(struct exclude *exclude);

/* EVENT_KEPT, or why the event is not to be kept. */
enum event_fate exclude_fate(const struct exclude *exclude, const struct event *event,
			     const struct sender *sender);

#endif
