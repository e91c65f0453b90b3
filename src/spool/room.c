/*
 * room - the bound on all segments of one user, counted by many processes apart.
 *
 * Each process knows its own segment exactly and the others' as of the last look into
 * the directory: after a second, or when it has itself appended a small part of what was
 * free then. So the sum exceeds the bound by at most that part for each process.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "writer.h"

#define ROOM_STEP ((uint64_t)64 << 10)
#define ROOM_STEP_MAX ((uint64_t)1 << 20)
#define ROOM_PARTS 64
/* Who is refused asks for room again soon, as the forwarder makes some. */
#define ROOM_RETRY_US (US_PER_S / 50)

static uint64_t own_bytes(const struct live *live)
{
	return live->current ? live->current->bytes : 0;
}

static enum status room_count(struct spool *spool, int64_t now_us)
{
	struct live *live = spool->live;
	struct shelf_item *items;
	enum status status;
	size_t n;

	status = shelf_list(spool->dir, &items, &n);
	if (status != ST_OK && status != ST_NOT_FOUND)
		return status;
	live->others = 0;
	for (size_t i = 0; i < n; i++) {
		if (!live->current || strcmp(items[i].stem, live->current->stem) != 0)
			live->others += items[i].bytes;
	}
	free(items);
	live->counted_us = now_us;
	live->grown = 0;
	return ST_OK;
}

static bool room_fits(const struct spool *spool, uint64_t need)
{
	return spool->live->others + own_bytes(spool->live) + need <= spool->options.max_bytes;
}

static bool room_stale(const struct spool *spool, int64_t now_us, int64_t after_us)
{
	const struct live *live = spool->live;
	uint64_t used = live->others + own_bytes(live);
	uint64_t spare = used < spool->options.max_bytes ? spool->options.max_bytes - used : 0;

	uint64_t step = spare / ROOM_PARTS;

	if (step < ROOM_STEP)
		step = ROOM_STEP;
	if (step > ROOM_STEP_MAX)
		step = ROOM_STEP_MAX;
	return live->grown > step || now_us - live->counted_us >= after_us ||
	       now_us < live->counted_us;
}

/*
 * The ring: the oldest segments go. When there is no other to drop our own is sealed, so
 * that the next look finds it; a ring never refuses.
 */
static enum status room_drop(struct spool *spool, uint64_t need, int64_t now_us)
{
	enum status status = ST_OK;
	uint64_t frames = 0;

	while (status == ST_OK && !room_fits(spool, need)) {
		status = shelf_drop(spool->dir, &frames);
		if (status == ST_OK && spool->options.dropped)
			spool->options.dropped(spool->options.context, frames);
		if (status == ST_OK)
			status = room_count(spool, now_us);
	}
	if (status != ST_NOT_FOUND)
		return status;
	if (own_bytes(spool->live) >= ROOM_STEP)
		owned_retire(spool);
	spool->live->hurry = spool->live->closing != NULL;
	return ST_OK;
}

enum status room_make(struct spool *spool, uint64_t need, int64_t now_us)
{
	enum status status = ST_OK;

	if (room_stale(spool, now_us, US_PER_S))
		status = room_count(spool, now_us);
	if (status != ST_OK || room_fits(spool, need))
		return status;
	if (room_stale(spool, now_us, ROOM_RETRY_US))
		status = room_count(spool, now_us);
	if (status != ST_OK || room_fits(spool, need))
		return status;
	return spool->options.ring ? room_drop(spool, need, now_us) : ST_FULL;
}
