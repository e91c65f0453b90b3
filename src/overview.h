/*
 * overview - how it goes, as numbers: for whatever command tells the operator.
 */
#ifndef TAMIS_OVERVIEW_H
#define TAMIS_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "counters.h"
#include "status.h"

/* From here on a spool without progress is worth a warning. */
#define SPOOL_WARN_PERCENT 80

struct overview {
	const char *mode;
	uint64_t bytes, events, dead_letters;
	int64_t oldest_s;	 /* 0: there is none */
	int64_t forwarder_ago_s; /* -1: never seen */
	uint64_t refused;	 /* for whatever reason */
	int64_t failing_since_s; /* since when the upstream takes nothing; 0: it does */
	bool alive;		 /* a forwarder runs */
	bool forwards;		 /* and makes progress */
	bool wanted;		 /* one should */
};

/* Where no forwarder runs it measures the spool itself, which reads little of it. */
MUST_CHECK enum status overview_take(struct overview *overview, const struct config *config,
				     const struct counters *counters, struct reason *why);
/* Is there a website to forward to, and are events taken and sent? */
bool overview_wanted(const struct config *config);

#endif
