/*
 * spool_world - the file system and the clock as the spool's torture wants them. The
 * calls are intercepted by the linker (SPOOL_WRAP in spool.mk).
 */
#ifndef TAMIS_TEST_SPOOL_WORLD_H
#define TAMIS_TEST_SPOOL_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "spool_fake.h"

#define EVENTS 24
#define FILES 64

enum way { WAY_NONE, WAY_EIO, WAY_ENOSPC, WAY_SHORT };

/* Which call fails and how; what was synced of which file. */
struct world {
	pthread_mutex_t lock;
	unsigned calls, syncs;
	unsigned failing;  /* the how manieth, 0: none */
	unsigned failures; /* how many in a row */
	enum way way;
	bool full;		    /* the disk, for good */
	int64_t jump_us, frozen_us; /* of the wall clock */
	bool slow;		    /* a sync takes as long as on a disk */
	struct {
		ino_t inode;
		off_t bytes;
	} synced[FILES];
	size_t n_synced;
};
extern struct world world;

/* As the calls are without interception. */
ssize_t world_write(int fd, const void *data, size_t len);
ssize_t world_pwrite(int fd, const void *data, size_t len, off_t offset);
int world_ftruncate(int fd, off_t len);

/* The room of a test: a directory and an arena. */
extern const char *world_dir;
extern char world_checkpoint[];
extern struct arena *world_arena;
int world_begin(void **state);
int world_end(void **state);

size_t world_event_bytes(unsigned number);
/* Append EVENTS; a bit for each that was acknowledged. */
uint32_t world_append(enum spool_sync sync);
/* Nothing fails any more: the next process sees to what is left; what is there then? */
uint32_t world_recover(void);
/* The power goes: of each segment what was synced is kept, and any part of the rest. */
void world_cut_power(void);

#endif
