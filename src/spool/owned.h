/*
 * owned - the segment that this process appends to. live.lock is held in all calls but
 * where said otherwise.
 */
#ifndef TAMIS_SPOOL_OWNED_H
#define TAMIS_SPOOL_OWNED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "adopt.h"
#include "segment.h"
#include "shelf.h"
#include "status.h"

struct spool;

/* The segment this process appends to. */
struct owned {
	struct owned *next;
	int fd;
	const char *dir;
	char stem[SHELF_STEM];
	int64_t made_us;
	unsigned users; /* threads that write, sync or wait */
	uint64_t bytes; /* its length, as last seen */
	uint64_t frames;
	uint64_t intact;	  /* no torn record up to here */
	uint64_t written, synced; /* frames appended by us, and of them synced */
	int64_t synced_us;
	int64_t retired_us;	  /* wall clock when its last user left it for good */
	uint64_t commits;	  /* group commits begun */
	uint64_t batch;		  /* frames of the last one */
	pthread_cond_t commit[2]; /* those who wait for one with an even or an odd number */
	pthread_cond_t gather;
	bool syncing;
	bool torn;	    /* a write fell short; mended when the last user left */
	bool lost;	    /* it is not at its place any more */
	struct stamp last;  /* of the event that found out */
	uint64_t checked;   /* its length when it was last seen at its place */
	int64_t checked_us; /* and when that was */
	bool broken;	    /* a sync or mending failed: nothing more is appended */
	bool retired;	    /* out of live.current; closed when the last user left */
};

/* Make the adopted segment the current one. ST_NO_MEMORY: it was closed. */
MUST_CHECK enum status owned_adopt(struct spool *spool, const struct adopted *adopted);
/* The segment for a frame of so many bytes, the caller counted as its user. */
MUST_CHECK enum status owned_take(struct spool *spool, uint64_t bytes, int64_t now_us,
				  struct owned **out);
/*
 * Append; without the lock. ST_FULL and ST_IO: nothing counts as kept. size not NULL:
 * owned_look() afterwards.
 */
MUST_CHECK enum status owned_write(struct owned *owned, const struct frame *frame, uint64_t *size,
				   bool *torn);
/* Beyond options.segment_us. */
bool owned_is_old(const struct spool *spool, const struct owned *owned, int64_t now_us);
/* Its length, and whether it still is at its place: ST_END if not. ST_IO: nobody knows. */
MUST_CHECK enum status owned_look(const struct owned *owned, uint64_t *size);
void owned_leave(struct spool *spool, struct owned *owned);
void owned_retire(struct spool *spool);
/* Seal and close what was retired until then; without the lock. */
void owned_close_retired(struct spool *spool, int64_t before_us);

#endif
