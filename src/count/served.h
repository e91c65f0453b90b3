/*
 * served - requests by route, method and status, as all processes counted them so far.
 */
#ifndef TAMIS_COUNT_SERVED_H
#define TAMIS_COUNT_SERVED_H

#include <stddef.h>
#include <stdint.h>

struct counters;

/* The texts are the file's, route is not terminated; status 0: there was none. */
struct served {
	const char *method, *route;
	size_t route_len;
	unsigned status;
	uint64_t requests;
};

/* Each once, those that nobody requested left out. */
typedef void counters_served_fn(void *context, const struct served *served);
void counters_served(const struct counters *counters, counters_served_fn *visit, void *context);
/* Names this file: one made anew counts from zero and has another. */
uint64_t counters_epoch(const struct counters *counters);

#endif
