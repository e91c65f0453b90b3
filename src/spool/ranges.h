/*
 * ranges - a set of byte offsets as disjoint ranges, ascending: what of a segment is
 * done. Ranges that touch become one, so in-order work costs one item.
 */
#ifndef TAMIS_SPOOL_RANGES_H
#define TAMIS_SPOOL_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct range {
	uint32_t from;
	uint32_t to; /* the first byte that is not in it */
};

struct ranges {
	struct range *items;
	size_t n;
	size_t cap;
};

/* ST_NO_MEMORY: the set is as before. */
MUST_CHECK enum status ranges_add(struct ranges *ranges, uint32_t from, uint32_t to);
/* The same, unless `from` is in the set: ST_BUSY. */
MUST_CHECK enum status ranges_take(struct ranges *ranges, uint32_t from, uint32_t to);
/* The first offset from pos on that is not in the set. */
uint64_t ranges_skip(const struct ranges *ranges, uint64_t pos);
/* How many offsets from pos on are in the set. */
uint64_t ranges_count(const struct ranges *ranges, uint64_t pos);
void ranges_free(struct ranges *ranges);

#endif
