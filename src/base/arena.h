/*
 * arena - memory of one request: many allocations, one reset.
 *
 * Grows in blocks up to a cap. After arena_reset() the first block stays, so a
 * worker that has warmed up does not call malloc. An arena serves one thread.
 */
#ifndef TAMIS_BASE_ARENA_H
#define TAMIS_BASE_ARENA_H

#include <stddef.h>

#include "status.h"

struct arena;

/* max_bytes: all blocks together, at least 4 KiB. NULL when memory failed. */
MUST_CHECK struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *arena);
/* Every pointer given out is void afterwards; the memory is overwritten with 0. */
void arena_reset(struct arena *arena);

/* 16-byte aligned, uninitialised; NULL over the cap or when memory failed. */
MUST_CHECK void *arena_alloc(struct arena *arena, size_t size);
MUST_CHECK void *arena_zalloc(struct arena *arena, size_t size);
/* A copy with a NUL after it. */
MUST_CHECK char *arena_copy(struct arena *arena, const char *data, size_t len);

#endif
