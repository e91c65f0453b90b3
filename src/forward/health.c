/*
 * health - a few places and a time.
 */
#include "health.h"

void health_accepted(struct health *health, int64_t now_us)
{
	health->accepted_us = now_us;
	health->n_failed = 0;
}

void health_failed(struct health *health, struct spool_place place)
{
	for (unsigned i = 0; i < health->n_failed; i++) {
		if (health->failed[i].segment == place.segment &&
		    health->failed[i].offset == place.offset)
			return;
	}
	if (health->n_failed <= HEALTH_SUSPECTS)
		health->failed[health->n_failed++] = place;
}

bool health_outage(const struct health *health)
{
	return health->n_failed > HEALTH_SUSPECTS;
}

bool health_proven(const struct health *health, int64_t since_us)
{
	return since_us && health->accepted_us >= since_us;
}

void health_vouch(struct health *health, int64_t at_us)
{
	health->vouched_us = at_us;
}

bool health_vouched(const struct health *health, int64_t since_us)
{
	return health_proven(health, since_us) || (since_us && health->vouched_us >= since_us);
}
