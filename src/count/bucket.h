/*
 * bucket - the histogram of a route's durations, as bucket.def bounds it.
 */
#ifndef TAMIS_BUCKET_H
#define TAMIS_BUCKET_H

#include <stdbool.h>

#include "counters.h"

enum bucket {
#define BUCKET(us, text) BUCKET_##us,
#include "bucket.def"
#undef BUCKET
	BUCKET_ABOVE,
	BUCKETS
};

/* Requests that a route served elsewhere: not cumulative, each in one bucket. */
struct route_count {
	const char *method;
	const char *route;
	int status; /* 0: none */
	uint64_t buckets[BUCKETS];
	uint64_t duration_us; /* of all together */
};

/* All of it or, with false, nothing: the disk is full. */
bool counters_add_route(struct counter_lane *lane, const struct route_count *count);

#endif
