/*
 * health - is it the upstream that is ill, or one event?
 *
 * Umami answers 500 both to an event it chokes on and to every event while its
 * database is down. An event is blamed (its attempt counts, and it must not hold up
 * others) when something was accepted since the event was last tried, or when
 * nothing else has failed since the last acceptance. While several events fail and
 * none is accepted it is an outage: nobody is blamed and everything is kept.
 */
#ifndef TAMIS_HEALTH_H
#define TAMIS_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "reader.h"

struct health {
	int64_t accepted_us; /* when the upstream last took an event; 0: never */
	unsigned n_failed;   /* distinct events that failed since then, up to 2 */
	struct spool_place failed[2];
};

void health_accepted(struct health *health, int64_t now_us);
void health_failed(struct health *health, struct spool_place place);
/* Was anything accepted at or after since_us? */
bool health_proven(const struct health *health, int64_t since_us);
/* Is the event itself at fault for its failure? Ask before health_failed(). */
bool health_blames(const struct health *health, struct spool_place place, int64_t tried_us);

#endif
