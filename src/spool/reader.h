/*
 * reader - the one reader of all writers' segments, with a durable checkpoint.
 *
 * Hands out records in the order of receipt over all segments (a record is handed
 * out once it is settle_ms old, so that writers' clocks may differ a little). What
 * is done is journalled per record, out of order: after kill -9 only records that
 * were handed out and not yet marked come again. A segment goes when all its
 * records are done and the checkpoint that says so is synced. A damaged place is
 * skipped, counted and reported once.
 */
#ifndef TAMIS_SPOOL_READER_H
#define TAMIS_SPOOL_READER_H

#include <stdint.h>

#include "arena.h"
#include "clean.h"
#include "stamp.h"
#include "status.h"

struct spool_reader;

/* Where a record is: valid until it is marked done. Offsets outlast damage before them. */
struct spool_place {
	uint32_t segment; /* the reader's own number for the segment */
	uint32_t offset;
	uint32_t length;
};

struct spool_stats {
	uint64_t bytes;	 /* of all segments */
	uint64_t events; /* in them and not done (segments not yet read are estimated by size) */
	uint64_t segments;
	uint64_t damaged;  /* places skipped since the reader was opened */
	int64_t oldest_us; /* receipt of the oldest event not done, 0: none */
};

/*
 * checkpoint_dir: the journal lies there; a second reader gets ST_BUSY.
 * ST_OK: caller owns *out and ends it with spool_reader_close().
 */
MUST_CHECK enum status spool_reader_open(struct spool_reader **out, const char *dir,
					 const char *checkpoint_dir, struct reason *why);
void spool_reader_close(struct spool_reader *reader);
/*
 * A segment whose owner died is sealed by the reader (in tick) when it has been read to
 * its end and lay still for 2 s. Its records that are not known to be counted are then
 * told to orphan, also those that were handed out long ago, and perhaps twice.
 */
void spool_reader_on_orphan(struct spool_reader *reader,
			    void (*orphan)(void *context, const struct stamp *stamp,
					   const struct clean *clean),
			    void *context);

/*
 * The next record, in the arena; its bytes are borrowed until the reader is called again.
 * ST_END: nothing ripe now, ask again later.
 * stamp may be NULL. attempts: failed attempts journalled so far.
 */
MUST_CHECK enum status spool_reader_next(struct spool_reader *reader, struct arena *arena,
					 struct clean **clean, struct spool_place *place,
					 struct stamp *stamp, unsigned *attempts);
int64_t spool_reader_reached_us(const struct spool_reader *reader); /* the time of that one */
/*
 * Journal that the n records are finished with (sent, or set aside). ST_IO: they are
 * marked, but a restart would not know before a tick was ST_OK.
 */
MUST_CHECK enum status spool_reader_done(struct spool_reader *reader,
					 const struct spool_place *places, size_t n);
/* Journal one more failed attempt, so that a restart goes on counting. */
MUST_CHECK enum status spool_reader_failed(struct spool_reader *reader,
					   const struct spool_place *place);
/*
 * Sync the journal, unlink finished segments, find new ones. Call about once a second.
 * ST_BUSY: the checkpoint directory was removed and another reader has made it again.
 */
MUST_CHECK enum status spool_reader_tick(struct spool_reader *reader);
void spool_reader_stats(const struct spool_reader *reader, struct spool_stats *stats);

#endif
