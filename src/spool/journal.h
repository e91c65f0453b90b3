/*
 * journal - the reader's memory: which bytes of which segments are done.
 *
 * One file, `journal`, of frames; numbers are little-endian:
 *
 *    0  4  FE 54 4A FE
 *    4  4  crc32c of the frame from byte 8 on
 *    8  4  length of the body
 *   12  4  kind
 *   16  …  body: 1 segment: number, name "<uid>/<stem>"
 *                2 done: (number, from, to) each 4 bytes, any times
 *                3 failed: number, offset, attempts
 *
 * It only ever adds, in any order, so a frame that is lost by damage or a power cut
 * makes records come again and can never make one be left out. A segment's number
 * means something within one journal only. Rewritten as a whole by atomic replacement.
 */
#ifndef TAMIS_SPOOL_JOURNAL_H
#define TAMIS_SPOOL_JOURNAL_H

#include <stdint.h>

#include "buf.h"
#include "status.h"

#define JOURNAL_MAX_BYTES ((size_t)1 << 30)

struct journal;

#define JOURNAL_MARKS 256 /* of one frame at most */

struct journal_mark {
	uint32_t number;
	uint32_t from;
	uint32_t to;
};

/* Hears what a journal says. Whatever is not ST_OK ends journal_load(). */
struct journal_visitor {
	enum status (*segment)(void *context, uint32_t number, const char *name);
	enum status (*done)(void *context, const struct journal_mark *mark);
	enum status (*failed)(void *context, uint32_t number, uint32_t offset, uint32_t attempts);
	void *context;
};

/* Makes and locks dir. ST_BUSY: another reader holds it. */
MUST_CHECK enum status journal_open(struct journal **out, const char *dir, struct reason *why);
void journal_close(struct journal *journal);

/* *damaged: places that were skipped. A journal that is not there is empty. */
MUST_CHECK enum status journal_load(struct journal *journal, const struct journal_visitor *visitor,
				    uint64_t *damaged);
/* The same over bytes in memory. */
MUST_CHECK enum status journal_parse(const uint8_t *data, size_t len,
				     const struct journal_visitor *visitor, uint64_t *damaged);

void journal_put_segment(struct buf *frames, uint32_t number, const char *name);
void journal_put_done(struct buf *frames, const struct journal_mark *marks, size_t n);
void journal_put_failed(struct buf *frames, uint32_t number, uint32_t offset, uint32_t attempts);

/* Append. After ST_IO only journal_rewrite() mends it. */
MUST_CHECK enum status journal_write(struct journal *journal, const struct buf *frames);
/* Replace all by these frames; durable on ST_OK. */
MUST_CHECK enum status journal_rewrite(struct journal *journal, const struct buf *frames);
/* True if it is broken, removed, or so long that it should be rewritten. */
int journal_is_due(const struct journal *journal);
MUST_CHECK enum status journal_sync(struct journal *journal);
/* The directory was removed: make and lock it again. ST_BUSY: somebody was quicker. */
MUST_CHECK enum status journal_reclaim(struct journal *journal);

#endif
