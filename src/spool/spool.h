/*
 * spool - append-only queue of clean events on disk; the writers' side.
 *
 * Any number of writing processes and threads. Each process owns one segment below
 * `<dir>/<uid>/` at a time and appends a record by one write; an event is safe from
 * kill -9 once spool_append() returned ST_OK, and from a power cut as the sync mode
 * says. When the directory is removed under it, it is made again by the next event, and
 * what was appended less than a millisecond before is not lost. A child after fork()
 * may go on with the same struct spool. The bytes are told in segment.h.
 */
#ifndef TAMIS_SPOOL_H
#define TAMIS_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "clean.h"
#include "stamp.h"
#include "status.h"

struct spool;

enum spool_sync { SPOOL_SYNC_PROCESS, SPOOL_SYNC_INTERVAL, SPOOL_SYNC_ALWAYS };

struct spool_options {
	const char *dir;
	uint64_t max_bytes;	/* all segments of this user together, >= 4 MiB */
	uint64_t segment_bytes; /* sealed at this size; an eighth of max_bytes at most is used */
	/*
	 * Sealed once its first event is so old, so that what is done can go; 0: never. By
	 * the keeper thread, in a process of one request by the next that comes.
	 */
	int64_t segment_us;
	enum spool_sync sync;
	bool ring; /* when full drop the oldest sealed segment instead of refusing */
	/*
	 * The process serves one request (CGI): no thread; the segment is left to the next
	 * such process rather than sealed; with SPOOL_SYNC_INTERVAL it is synced at close
	 * when a second went by since the last time (else by the next, or by the reader).
	 */
	bool brief;
	/*
	 * Called by spool_open() for every record that a dead process left without a word
	 * that it was counted; may tell one twice.
	 */
	void (*orphan)(void *context, const struct stamp *stamp, const struct clean *clean);
	/* Called with the number of records of a dropped segment of the ring; not to append. */
	void (*dropped)(void *context, uint64_t records);
	void *context;
};

/*
 * The user's directory is made with mode 2770 if missing. ST_OK: caller owns *out and
 * ends it with spool_close(). ST_IO: errno says why. Thread-safe from then on.
 */
MUST_CHECK enum status spool_open(struct spool **out, const struct spool_options *options,
				  struct reason *why);
/* Seals the segment. No other thread may be in it. After fork() parent and child close each. */
void spool_close(struct spool *spool);

/*
 * In a child after fork(), of a spool that it will not use: its copies of the parent's
 * descriptors are closed, so that the parent's death shows. Nothing may follow.
 */
void spool_disown(struct spool *spool);

/*
 * Blocks for one write, and with SPOOL_SYNC_ALWAYS for a sync. ST_FULL: over max_bytes or
 * the disk is full; nothing was kept. ST_IO: errno. ST_TOO_LARGE: a record over 16 MiB.
 */
MUST_CHECK enum status spool_append(struct spool *spool, const struct clean *clean,
				    const struct stamp *stamp);
/* All that was appended before is on the disk, in any mode. ST_IO: errno. */
MUST_CHECK enum status spool_sync(struct spool *spool);
/* Would so many bytes more be taken? ST_FULL: beyond max_bytes, and it is no ring. */
MUST_CHECK enum status spool_has_room(struct spool *spool, uint64_t bytes);
/* Bytes of this user's segments, as last known. */
uint64_t spool_bytes(const struct spool *spool);

#endif
