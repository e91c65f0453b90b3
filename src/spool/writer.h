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

#include "adopt.h"
#include "spool.h"

/* The segment this process appends to. */
struct owned {
	struct owned *next;
	int fd;
	char stem[SHELF_STEM];
	unsigned users; /* threads that write, sync or wait */
	uint64_t bytes; /* its length, as last seen */
	uint64_t frames;
	uint64_t intact;	  /* no torn record up to here */
	uint64_t written, synced; /* frames appended by us, and of them synced */
	int64_t synced_us;
	uint64_t commits;	  /* group commits begun */
	uint64_t batch;		  /* frames of the last one */
	pthread_cond_t commit[2]; /* those who wait for one with an even or an odd number */
	pthread_cond_t gather;
	bool syncing;
	bool torn;    /* a write fell short; mended when the last user left */
	bool lost;    /* its name was removed */
	bool broken;  /* a sync or mending failed: nothing more is appended */
	bool retired; /* out of live.current; closed when the last user left */
};

struct live {
	pthread_mutex_t lock;
	pthread_cond_t wake; /* the keeper */
	struct owned *current;
	struct owned *closing; /* retired, without users */
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

/* owned.c; the lock is held unless said otherwise */

/* Make the adopted segment the current one. ST_NO_MEMORY: it was closed. */
MUST_CHECK enum status owned_adopt(struct spool *spool, const struct adopted *adopted);
/* The segment for a frame of so many bytes, the caller counted as its user. */
MUST_CHECK enum status owned_take(struct spool *spool, uint64_t bytes, int64_t now_us,
				  struct owned **out);
/*
 * Append; without the lock. ST_FULL and ST_IO: nothing counts as kept. ST_END: the name
 * of the segment is gone, the frame has to go to another one. *size: length afterwards.
 */
MUST_CHECK enum status owned_write(struct owned *owned, const struct frame *frame, uint64_t *size,
				   bool *torn);
void owned_leave(struct spool *spool, struct owned *owned);
void owned_retire(struct spool *spool);
/* Seal and close what is in live.closing; without the lock. */
void owned_close_retired(struct spool *spool);

/* room.c */
/* ST_FULL if `need` more bytes do not fit and nothing can be dropped. */
MUST_CHECK enum status room_make(struct spool *spool, uint64_t need, int64_t now_us);

/* commit.c */
/* Wait until the frame that was just written is synced, or sync it for all that wait. */
MUST_CHECK enum status commit_wait(struct live *live, struct owned *owned);
/* Start the keeper, who syncs once a second and closes segments, unless it runs. */
void keeper_start(struct spool *spool);
/* Without the lock. */
void keeper_stop(struct spool *spool);

#endif
