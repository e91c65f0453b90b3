/*
 * layout - where the parts of the counters file are; the table is in layout.h.
 */
#include "layout.h"

#include "cells.h"

static uint64_t whole_pages(uint64_t words)
{
	return (words + PAGE_WORDS - 1) / PAGE_WORDS * PAGE_WORDS;
}

struct layout layout_make(uint64_t route_slots, uint64_t text_bytes)
{
	struct layout l = {.route_slots = route_slots, .text_bytes = text_bytes};

	l.routes = PAGE_WORDS;
	l.series = l.routes + route_slots;
	l.resolved = l.series + SERIES_MAX;
	l.text = l.resolved + (uint64_t)LANES_MAX * UNRESOLVED_MAX;
	l.lanes = whole_pages(l.text + text_bytes / 8);
	l.lane_series = whole_pages(LANE_VIEWS + route_slots);
	l.lane_words = l.lane_series + SERIES_MAX * SERIES_WORDS;
	return l;
}

uint64_t layout_lane(const struct layout *layout, uint64_t lane)
{
	return layout->lanes + lane * layout->lane_words;
}

uint64_t layout_lane_series(const struct layout *layout, uint64_t series)
{
	return layout->lane_series + series * SERIES_WORDS;
}
