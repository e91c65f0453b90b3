/*
 * route_report - what routes of another host served, as JSON.
 *
 *   {"routes": [{"method": "GET", "route": "/orders/{id}", "status": 200,
 *                "buckets": [3, 0, …], "duration_us": 4100}]}
 *
 * buckets: as many numbers as bucket.def has bounds, and one for what is above; each request
 * stands in one of them. So the histogram is as exact as if it had been counted here.
 */
#ifndef TAMIS_ROUTE_REPORT_H
#define TAMIS_ROUTE_REPORT_H

#include <stddef.h>

#include "arena.h"
#include "bucket.h"
#include "status.h"
#include "strainer.h"

struct route_report {
	size_t n;
	struct route_report_item {
		const char *fault; /* which member, and what it has to be; NULL: none */
		struct route_count count;
	} * items;
};

/*
 * Everything lives in the arena; routes are strained. ST_INVALID: no such document. ST_TOO_LARGE:
 * more than most items, or beyond json.h's limits. ST_NO_MEMORY.
 */
MUST_CHECK enum status route_report_read(struct route_report *report, struct arena *arena,
					 struct strainer *strainer, const char *json, size_t len,
					 size_t most);

#endif
