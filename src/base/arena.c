/*
 * arena - blocks in a list, filled from the front; the newest block is the one in use.
 *
 * The first block lives as long as the arena. Blocks double, so a request of n bytes
 * takes O(log n) calls of malloc; what a block holds is overwritten before it goes,
 * because raw events lie here.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN ((size_t)16)
#define FIRST_BLOCK_BYTES ((size_t)32 * 1024)
#define MIN_BYTES ((size_t)4096)

struct block {
	_Alignas(16) struct block *older;
	size_t size; /* of data */
	size_t used;
	_Alignas(16) unsigned char data[];
};

struct arena {
	struct block *newest;
	size_t max;
	size_t total; /* bytes of all blocks, headers included */
};

static struct block *block_add(struct arena *arena, size_t bytes)
{
	struct block *block;

	if (bytes > arena->max - arena->total)
		return NULL;
	block = malloc(bytes);
	if (!block)
		return NULL;
	block->older = arena->newest;
	block->size = bytes - sizeof(*block);
	block->used = 0;
	arena->newest = block;
	arena->total += bytes;
	return block;
}

static void block_drop(struct arena *arena)
{
	struct block *block = arena->newest;

	arena->newest = block->older;
	arena->total -= block->size + sizeof(*block);
	explicit_bzero(block->data, block->used);
	free(block);
}

/* A block that holds size bytes: doubled, but no more than the cap still gives. */
static struct block *block_for(struct arena *arena, size_t size)
{
	size_t left = arena->max - arena->total;
	size_t bytes = 2 * (arena->newest->size + sizeof(struct block));
	size_t need = size + sizeof(struct block);

	if (bytes < need)
		bytes = need;
	if (bytes > left)
		bytes = left;
	if (bytes < need)
		return NULL;
	return block_add(arena, bytes);
}

struct arena *arena_new(size_t max_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->max = max_bytes < MIN_BYTES ? MIN_BYTES : max_bytes;
	if (!block_add(arena, arena->max < FIRST_BLOCK_BYTES ? arena->max : FIRST_BLOCK_BYTES)) {
		free(arena);
		return NULL;
	}
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->newest)
		block_drop(arena);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	while (arena->newest->older)
		block_drop(arena);
	explicit_bzero(arena->newest->data, arena->newest->used);
	arena->newest->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;
	void *p;

	if (size > arena->max)
		return NULL;
	size = (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (size > block->size - block->used) {
		block = block_for(arena, size);
		if (!block)
			return NULL;
	}
	p = block->data + block->used;
	block->used += size;
	return p;
}

void *arena_zalloc(struct arena *arena, size_t size)
{
	void *p = arena_alloc(arena, size);

	if (p)
		memset(p, 0, size);
	return p;
}

char *arena_copy(struct arena *arena, const char *data, size_t len)
{
	char *p = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;

	if (!p)
		return NULL;
	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}
