/*
 * health - is it the upstream that is ill, or one event?
 *
 * Umami answers 500 both to an event it chokes on and to every event while its
 * database is down. A few events that fail are at fault themselves; when more than
 * HEALTH_SUSPECTS fail and none is accepted in between it is an outage, and nobody
 * is to blame, but for events that failed before and again after others were taken, or
 * after the database was seen at work.
 */
#ifndef TAMIS_HEALTH_H
#define TAMIS_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "reader.h"

#define HEALTH_SUSPECTS 3

struct health {
	int64_t accepted_us; /* when the upstream last took an event; 0: never */
	int64_t vouched_us;  /* when its database was last seen at work; 0: never */
	unsigned n_failed;   /* distinct events that failed since then */
	struct spool_place failed[HEALTH_SUSPECTS + 1];
};

void health_accepted(struct health *health, int64_t now_us);
void health_failed(struct health *health, struct spool_place place);
/* Have more events failed, one after another, than can be at fault? */
bool health_outage(const struct health *health);
/* Was anything accepted at or after since_us? False for 0. */
bool health_proven(const struct health *health, int64_t since_us);
/* The database worked at that time (witness.h). */
void health_vouch(struct health *health, int64_t at_us);
/* Was that, or anything accepted, at or after since_us? False for 0. */
bool health_vouched(const struct health *health, int64_t since_us);

#endif
