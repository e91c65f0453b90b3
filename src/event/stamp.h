/*
 * stamp - names one accepted event: which counter lane counted it, as its how manieth.
 */
#ifndef TAMIS_STAMP_H
#define TAMIS_STAMP_H

#include <stdint.h>

struct stamp {
	uint64_t epoch; /* of the counters file, random */
	uint64_t seq;	/* 1, 2, 3 … in this lane */
	uint32_t lane;
};

#endif
