/*
 * ranges - binary search and a little moving: the holes are what is under way.
 */
#include "ranges.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first range that ends at pos or later. */
static size_t range_at(const struct ranges *ranges, uint64_t pos)
{
	size_t low = 0, high = ranges->n;

	if (high == 0 || ranges->items[high - 1].to < pos) /* as where a reader goes on */
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->items[middle].to < pos)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum status range_insert(struct ranges *ranges, size_t at, uint32_t from, uint32_t to)
{
	if (ranges->n == ranges->cap) {
		size_t wanted = ranges->cap ? 2 * ranges->cap : 8;
		struct range *grown = realloc(ranges->items, wanted * sizeof(*grown));

		if (!grown)
			return ST_NO_MEMORY;
		ranges->items = grown;
		ranges->cap = wanted;
	}
	memmove(ranges->items + at + 1, ranges->items + at,
		(ranges->n - at) * sizeof(*ranges->items));
	ranges->items[at] = (struct range){from, to};
	ranges->n++;
	return ST_OK;
}

/* first: range_at(from). */
static enum status range_join(struct ranges *ranges, size_t first, uint32_t from, uint32_t to)
{
	size_t last = first;
	struct range *item;

	if (from >= to)
		return ST_OK;
	while (last < ranges->n && ranges->items[last].from <= to)
		last++;
	if (first == last)
		return range_insert(ranges, first, from, to);
	item = ranges->items + first;
	if (from < item->from)
		item->from = from;
	item->to = ranges->items[last - 1].to > to ? ranges->items[last - 1].to : to;
	memmove(item + 1, ranges->items + last, (ranges->n - last) * sizeof(*item));
	ranges->n -= last - first - 1;
	return ST_OK;
}

enum status ranges_add(struct ranges *ranges, uint32_t from, uint32_t to)
{
	return range_join(ranges, range_at(ranges, from), from, to);
}

enum status ranges_take(struct ranges *ranges, uint32_t from, uint32_t to)
{
	size_t at = range_at(ranges, from);

	if (at < ranges->n && ranges->items[at].from <= from && from < ranges->items[at].to)
		return ST_BUSY;
	return range_join(ranges, at, from, to);
}

uint64_t ranges_skip(const struct ranges *ranges, uint64_t pos)
{
	size_t at = range_at(ranges, pos + 1);

	return at < ranges->n && ranges->items[at].from <= pos ? ranges->items[at].to : pos;
}

uint64_t ranges_count(const struct ranges *ranges, uint64_t pos)
{
	uint64_t count = 0;

	for (size_t i = range_at(ranges, pos + 1); i < ranges->n; i++)
		count += ranges->items[i].to -
			 (ranges->items[i].from > pos ? ranges->items[i].from : pos);
	return count;
}

void ranges_free(struct ranges *ranges)
{
	free(ranges->items);
	memset(ranges, 0, sizeof(*ranges));
}
