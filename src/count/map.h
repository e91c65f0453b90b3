/*
 * map - the counters file in memory: made, checked, locked and grown here.
 *
 * The whole extent that the file may ever have is mapped at once; pages beyond its
 * present end are never touched. What is touched has been allocated on the disk before,
 * for a full disk behind a mapping is a SIGBUS; on tmpfs even where it is only read.
 */
#ifndef TAMIS_COUNT_MAP_H
#define TAMIS_COUNT_MAP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cells.h"
#include "status.h"

struct map {
	int fd;
	bool writable;
	bool in_memory; /* on tmpfs */
	char *base;	/* NULL: not mapped; words is the same place */
	_Atomic uint64_t *words;
	size_t extent;
	struct layout layout;
	pthread_mutex_t mutex; /* OFD locks do not exclude threads that share fd */
	uint64_t held[LANES_MAX / 64];
};

struct map_source {
	const char *path;
	uint64_t routes; /* slots that it is made with if missing; an existing file keeps its own */
	bool yields;	 /* a file not of this version is not set aside: ST_CORRUPT */
};

/* Without the right to write it is opened for reading, and nothing is made or set aside. */
MUST_CHECK enum status map_open(struct map *map, const struct map_source *from, struct reason *why);
void map_close(struct map *map);
/* Whether the path still leads to the file that is open. */
bool map_is_at(const struct map *map, const char *path);

/* LOCK_TABLE, among threads too. Blocks while another holds it, which is short. */
MUST_CHECK enum status map_lock(struct map *map);
void map_unlock(struct map *map);

/* With LOCK_TABLE held. ST_BUSY: a living thread owns the lane. */
MUST_CHECK enum status map_lock_lane(struct map *map, uint32_t lane);
void map_unlock_lane(struct map *map, uint32_t lane);
/* With LOCK_TABLE held: one more lane at the end; its number in *lane. ST_BUSY: LANES_MAX. */
MUST_CHECK enum status map_grow(struct map *map, uint32_t *lane);
/* Make sure that the words are on the disk; ST_IO: it is full. */
MUST_CHECK enum status map_allocate(struct map *map, uint64_t word, uint64_t words);
/* May the word be read where nobody knows of its allocation? False: nobody has written it. */
bool map_holds(const struct map *map, uint64_t word);

static inline uint64_t map_get(const struct map *map, uint64_t word)
{
	return atomic_load_explicit(&map->words[word], memory_order_relaxed);
}

static inline void map_set(const struct map *map, uint64_t word, uint64_t value)
{
	atomic_store_explicit(&map->words[word], value, memory_order_relaxed);
}

static inline uint64_t map_lanes(const struct map *map)
{
	return atomic_load_explicit(&map->words[AT_LANES], memory_order_acquire);
}

#endif
