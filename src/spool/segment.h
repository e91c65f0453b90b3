/*
 * segment - the bytes of the spool's files, told once. Numbers are little-endian.
 *
 *   header                                      frame
 *     0   8  "tamisSEG"                           0  4  FE 54 53 FE
 *     8   4  version, 1                           4  4  crc32c of the frame from byte 8 on
 *    12   4  kind: 0 spool, 1 dead letters        8  4  length of the record
 *    16   8  made at, µs                         12  4  stamp.lane
 *    24   8  boot it was made under, 0: unknown  16  8  stamp.epoch
 *    32   4  crc32c of bytes 0..31               24  8  stamp.seq
 *    36  28  0                                   32  8  appended at, µs
 *    64   8  mark: length of the file            40  …  record
 *    72   8  mark: frames up to there
 *    80   8  mark: synced at, µs               the first frame is at 128, the others
 *    88   4  mark: crc32c of bytes 64..87      follow without a gap
 *    92  36  0
 *
 * The mark says that the file was intact and its records counted up to that length:
 * written when a segment is sealed, left or checked, never while it grows. FE is no
 * byte of UTF-8, so text in a record cannot look like a frame.
 */
#ifndef TAMIS_SPOOL_SEGMENT_H
#define TAMIS_SPOOL_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "stamp.h"
#include "status.h"

#define SEGMENT_HEAD_BYTES 128u
#define FRAME_HEAD_BYTES 40u
#define FRAME_RECORD_MAX (16u << 20)

enum segment_kind { SEGMENT_SPOOL, SEGMENT_DEAD };

struct segment_head {
	uint32_t kind;
	int64_t made_us;
	uint64_t boot;
};

struct segment_mark {
	uint64_t bytes; /* 0: no mark */
	uint64_t frames;
	int64_t synced_us;
};

struct frame {
	const uint8_t *record;
	uint32_t length;
	struct stamp stamp;
	int64_t time_us;
};

enum frame_check { FRAME_INTACT, FRAME_SHORT, FRAME_BAD };

/* fd is at its start and empty. */
MUST_CHECK enum status segment_head_write(int fd, const struct segment_head *head);
/* ST_CORRUPT: damaged, or shorter than a header; ST_INVALID: intact, of an unknown version. */
MUST_CHECK enum status segment_head_read(int fd, struct segment_head *head,
					 struct segment_mark *mark);
/* fd must have no writer beside the caller. */
MUST_CHECK enum status segment_mark_write(int fd, const struct segment_mark *mark);

/* The frame's head, its crc included. */
void frame_encode(uint8_t head[FRAME_HEAD_BYTES], const struct frame *frame);
/*
 * FRAME_INTACT: frame->record points into data. FRAME_SHORT: it may be one when there
 * are *need bytes. FRAME_BAD: no frame begins here.
 */
MUST_CHECK enum frame_check frame_decode(struct frame *frame, const uint8_t *data, size_t len,
					 size_t *need);
static inline uint32_t frame_bytes(const struct frame *frame)
{
	return FRAME_HEAD_BYTES + frame->length;
}

#endif
