/*
 * cells - names for the words that layout.h tells of.
 */
#ifndef TAMIS_COUNT_CELLS_H
#define TAMIS_COUNT_CELLS_H

#include "layout.h"

/* Words of the header. */
enum {
	AT_MAGIC,
	AT_VERSION,
	AT_ROWS,
	AT_EPOCH,
	AT_ROUTES,
	AT_TEXT_BYTES,
	AT_LANES,
	AT_TEXT_NEXT,
	AT_READY,
	AT_GAUGES = 64,
};

/* Words of a lane. */
enum {
	LANE_SEQ,
	LANE_GIVEN,
	LANE_REDO,
	LANE_ENTRIES = 8,
	LANE_UNRESOLVED = LANE_ENTRIES + 2 * REDO_MAX,
	LANE_DEATHS = LANE_UNRESOLVED + UNRESOLVED_MAX,
	LANE_METRICS = 256,
	LANE_TYPES = LANE_METRICS + 64,
	LANE_REPAIRS = LANE_TYPES + 8,
	LANE_CLASSES = LANE_REPAIRS + 32,
	LANE_VIEWS = LANE_CLASSES + 32,
};

#endif
