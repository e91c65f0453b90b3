/*
 * layout - the bytes of the counters file, version 1.
 *
 * Everything is a 64-bit word in the machine's byte order; the file never leaves it.
 *   byte        words  what
 *   0           1      magic "TAMISCNT"
 *   8           1      version
 *   16          1      hash of the rows that the cells belong to (metric.def, repair.def …)
 *   24          1      epoch, random: names this file in stamps
 *   32          1      R: route slots
 *   40          1      T: bytes of text
 *   48          1      N: lanes that the file has room for
 *   56          1      next free byte of text
 *   64          1      1 when all above is written
 *   72          1      inode and device of the file that is known to have no holes
 *   512         64     gauges by enum metric
 *   4096        R      route slots: bit 63 | offset in text << 16 | length; 0 free, never
 *                      changed once set. Slot 0 is __other__, 1 … 1024 configured templates.
 *   + 8 R       2048   series slots: see routes.c; 0 free, never changed once set
 *   + 16384     65536  resolved: by lane and place, the seq that was recounted
 *   + 524288    T/8    text, appended to
 *   next page   N      lanes, each (page aligned, its series part allocated when needed):
 *     0         1        seq of the last event counted
 *     8         1        seq of the last stamp given
 *     16        1        redo: generation << 8 | entries; low byte 0: nothing to apply
 *     64        2 × 64   redo entries: word number in the file, absolute value
 *     1088      16       unresolved: seqs given by owners that died before they counted them
 *     1216      1        how many were put there
 *     2048      64       metrics by enum metric
 *     + 512     8        events by enum clean_type
 *     + 64      32       repairs by enum repair
 *     + 256     32       redactions by class
 *     + 256     R        page views by route slot
 *     next page 2048×16  series: 15 buckets, sum in microseconds
 *
 * Locks (OFD, on bytes that the file never has): LOCK_TABLE for making the file, growing
 * it, claiming lanes and recounting; LOCK_LANES + n is held by the owner of lane n. Lane 0
 * belongs to who holds LOCK_TABLE: what is recounted goes there.
 */
#ifndef TAMIS_COUNT_LAYOUT_H
#define TAMIS_COUNT_LAYOUT_H

#include <stdint.h>

#define COUNTERS_MAGIC UINT64_C(0x544e4353494d4154) /* "TAMISCNT" read as little-endian */
#define COUNTERS_VERSION 1
#define LANES_MAX 4096
#define TEMPLATES_MAX 1024
#define SERIES_MAX 2048
#define TEXT_MAX 1024
#define UNRESOLVED_MAX 16
#define REDO_MAX 64

#define LOCK_TABLE (INT64_C(1) << 40)
#define LOCK_LANES (LOCK_TABLE + 1)

#define PAGE_WORDS UINT64_C(512)
#define SERIES_WORDS UINT64_C(16)
#define SERIES_SUM 15 /* after the 15 buckets, the last of which is +Inf */

/* Where the parts are, in words from the start of the file. */
struct layout {
	uint64_t route_slots;
	uint64_t text_bytes;
	uint64_t routes;
	uint64_t series;
	uint64_t resolved;
	uint64_t text;
	uint64_t lanes;
	uint64_t lane_words;
	uint64_t lane_series; /* from the lane's start: what is before is allocated with it */
};

/* text_bytes: a multiple of 8. */
struct layout layout_make(uint64_t route_slots, uint64_t text_bytes);
/* First word of a lane; and of a series, from its lane's start. */
uint64_t layout_lane(const struct layout *layout, uint64_t lane);
uint64_t layout_lane_series(const struct layout *layout, uint64_t series);

#endif
