/*
 * scan - go through the frames of one file, past damage.
 *
 * Reads through a buffer that is as large as its largest record needs; knows nothing
 * of who else writes to the file. What lies behind the last intact frame is for the
 * caller to judge: a live writer's half-written record, or damage.
 */
#ifndef TAMIS_SPOOL_SCAN_H
#define TAMIS_SPOOL_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "segment.h"

struct scan {
	int fd;	      /* borrowed */
	uint64_t at;  /* where the last result begins */
	uint64_t pos; /* where it ends and the next call begins; may be moved by the caller */
	uint64_t base;
	uint64_t effort;
	uint8_t *buf;
	size_t len;
	size_t cap;
};

enum scan_result {
	SCAN_FRAME,  /* [at, pos) is an intact frame */
	SCAN_DAMAGE, /* [at, pos) is none, but at pos there is one */
	SCAN_TAIL,   /* from at to the end of the file there is none; pos stays at at */
	SCAN_END,    /* the file ends at pos */
	SCAN_FAIL,   /* errno */
};

void scan_start(struct scan *scan, int fd, uint64_t pos);
/* frame->record lies in the buffer until the next call. */
MUST_CHECK enum scan_result scan_next(struct scan *scan, struct frame *frame);
/* Give the buffer back; the scan may go on. */
void scan_rest(struct scan *scan);

#endif
