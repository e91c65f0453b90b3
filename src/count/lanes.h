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

/* A counters file as it was opened. */
struct book {
	struct book *before; /* removed or moved: lanes and readers may be in it still */
	struct map map;
	struct routes routes;
	struct route_cache recount_cache; /* lane 0's; used with LOCK_TABLE held */
};

struct counters {
	const struct config *config;
	_Atomic(struct book *) book; /* that the path led to when it was looked at last */
	_Atomic int64_t look_us;     /* when to look again */
	bool stuck;		     /* the last look found another that cannot be used */
};

static inline struct book *counters_book(const struct counters *counters)
{
	return atomic_load_explicit(&counters->book, memory_order_acquire);
}

static inline struct map *counters_map(const struct counters *counters)
{
	return &counters_book(counters)->map;
}

/* The sum of a cell (words from a lane's start, before its series) over all lanes. */
uint64_t lanes_sum(const struct map *map, uint64_t cell);
/* The sums of a series' cells. */
void lanes_sum_series(const struct map *map, uint32_t place, uint64_t sums[SERIES_WORDS]);

#endif
