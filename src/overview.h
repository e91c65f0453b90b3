/*
 * overview - how it goes, as numbers: for `tamis status` and `tamis metrics`.
 */
#ifndef TAMIS_OVERVIEW_H
#define TAMIS_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "counters.h"
#include "status.h"

struct overview {
	const char *mode;
	uint64_t bytes, events, dead_letters;
	int64_t oldest_s;	 /* 0: there is none */
	int64_t forwarder_ago_s; /* -1: never seen */
	uint64_t refused;	 /* for whatever reason */
	bool forwards;		 /* a forwarder makes progress */
	bool wanted;		 /* one should */
};

/* Looks through the spool where nobody forwards: reads all of it. */
MUST_CHECK enum status overview_take(struct overview *overview, const struct config *config,
				     const struct counters *counters, struct reason *why);
/* Is there a website to forward to, and are events taken and sent? */
bool overview_wanted(const struct config *config);
/* A forwarder has made progress, or found nothing to do, within the last seconds. */
bool overview_forwards(const struct counters *counters);

#endif
