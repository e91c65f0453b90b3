/*
 * writer - the private parts of a spool that is written to, shared by spool.c, owned.c,
 * room.c and commit.c.
 *
 * All that belongs to one process lies in struct live, in memory that fork() wipes: a
 * child begins without segment, lock or thread, and all zeros are a valid beginning.
 * live.lock guards everything in it; writes and syncs happen outside of the lock, by
 * threads that are counted as users of the segment.
 */
#ifndef TAMIS_SPOOL_WRITER_H
#define TAMIS_SPOOL_WRITER_H

#include <pthread.h>

#include "clock.h"
#include "owned.h"
#include "shelf.h"
#include "spool.h"

/*
 * A retired segment stays open for so long that all its events are counted, also by a
 * thread that was put aside after its write: what a process leaves open when it dies is
 * told to the counters, what is sealed is not.
 */
#define CLOSE_AFTER_US US_PER_S

struct live {
	pthread_mutex_t lock;
	pthread_cond_t wake; /* the keeper */
	struct owned *current;
	struct owned *closing; /* retired, without users, oldest first */
	bool hurry;	       /* the ring needs a sealed segment to drop */
	uint64_t others;       /* bytes of the user's other segments when they were counted */
	uint64_t grown;	       /* bytes appended since */
	int64_t counted_us;
	bool keeping; /* the keeper runs */
	bool stopping;
	pthread_t keeper;
};

struct spool {
	struct spool_options options;
	char dir[SHELF_PATH];
	uint64_t boot;
	uint64_t segment_bytes;
	struct live *live;
	int inherited; /* descriptor of the current segment, which a child is to close */
};

/* spool.c */
/* Append a frame, without the lock. *close_us grows: what the caller then has to close. */
MUST_CHECK enum status spool_put(struct spool *spool, const struct frame *frame, int64_t *close_us);

/* room.c */
/* ST_FULL if `need` more bytes do not fit and nothing can be dropped. */
MUST_CHECK enum status room_make(struct spool *spool, uint64_t need, int64_t now_us);

/* commit.c */
/* Wait until the frame that was just written is synced, or sync it for all that wait. */
MUST_CHECK enum status commit_wait(struct live *live, struct owned *owned);
/* Start the keeper, who looks after the segments once a second, unless it runs or is over. */
void keeper_start(struct spool *spool);
/* Without the lock: there is no keeper from now on. */
void keeper_stop(struct spool *spool);

#endif
