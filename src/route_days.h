/*
 * route_days - requests by day, endpoint and status: what the route counters went up by
 * goes to the store.
 *
 * The counters themselves go on; the store keeps how far it has read each file of theirs,
 * in the transaction that adds what is new. So nothing is added twice, whoever is killed
 * when, and a file made anew begins at zero. A day is that of the look.
 */
#ifndef TAMIS_ROUTE_DAYS_H
#define TAMIS_ROUTE_DAYS_H

#include "config.h"
#include "store.h"

/* What the last look saw; zeroed at first. Without anything new the store is left alone. */
struct route_look {
	uint64_t epoch, requests;
};

MUST_CHECK enum status route_days_take(struct store *store, const struct config *config,
				       int32_t today, struct route_look *look, struct reason *why);

#endif
