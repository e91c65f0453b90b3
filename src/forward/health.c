/*
 * health - two failed events are enough to speak of an outage, so two are remembered.
 */
#include "health.h"

static bool same(struct spool_place a, struct spool_place b)
{
	return a.segment == b.segment && a.ordinal == b.ordinal;
}

void health_accepted(struct health *health, int64_t now_us)
{
	health->accepted_us = now_us;
	health->n_failed = 0;
}

void health_failed(struct health *health, struct spool_place place)
{
	for (unsigned i = 0; i < health->n_failed; i++) {
		if (same(health->failed[i], place))
			return;
	}
	if (health->n_failed < 2)
		health->failed[health->n_failed++] = place;
}

bool health_proven(const struct health *health, int64_t since_us)
{
	return health->accepted_us && health->accepted_us >= since_us;
}

bool health_blames(const struct health *health, struct spool_place place, int64_t tried_us)
{
	if (health_proven(health, tried_us))
		return true;
	for (unsigned i = 0; i < health->n_failed; i++) {
		if (!same(health->failed[i], place))
			return false;
	}
	return true;
}
