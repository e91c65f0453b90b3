/*
 * lanes - one writing thread's part of the counters file.
 *
 * Owner and nobody else stores into a lane. What belongs together is written as a redo
 * record of absolute values first, then applied; whoever finds the record of a dead owner
 * applies it (again), and whoever only reads takes the larger of cell and record.
 */
#ifndef TAMIS_COUNT_LANES_H
#define TAMIS_COUNT_LANES_H

#include "counters.h"
#include "map.h"
#include "routes.h"

struct counters {
	struct map map;
	struct routes routes;
	struct route_cache recount_cache; /* lane 0's; used with LOCK_TABLE held */
};

/* The sum of a cell (words from a lane's start, before its series) over all lanes. */
uint64_t lanes_sum(const struct map *map, uint64_t cell);
/* The sums of a series' cells. */
void lanes_sum_series(const struct map *map, uint32_t place, uint64_t sums[SERIES_WORDS]);

#endif
