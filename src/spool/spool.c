/*
 * spool - the writers' public side: open, append, close.
 */
#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "writer.h"

#define SEGMENTS_MIN 8 /* segments that max_bytes is cut into, so that a ring turns smoothly */
/* Looking for the segment's name after each write would double the write's cost. */
#define CHECK_US (US_PER_S / 1000)
#define TRIES_MAX 3 /* new segments for one record whose names vanish */

static enum status live_map(struct spool *spool, struct reason *why)
{
	struct live *live =
	    mmap(NULL, sizeof(*live), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (live == MAP_FAILED)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (madvise(live, sizeof(*live), MADV_WIPEONFORK) < 0) {
		int saved = errno;

		(void)munmap(live, sizeof(*live));
		errno = saved;
		return reason_set(why, ST_IO, "this kernel cannot wipe memory on fork: %s",
				  strerror(errno));
	}
	spool->live = live;
	return ST_OK;
}

static enum status spool_take_over(struct spool *spool)
{
	struct adopt_heir heir = {spool->options.orphan, spool->options.context,
				  spool->options.brief};
	int64_t age_us = spool->options.segment_us;
	struct adopted found;
	enum status status;

	shelf_sweep(spool->dir);
	status = adopt_orphans(spool->dir, spool->boot, age_us ? clock_wall_us() - age_us : 0,
			       spool->segment_bytes, &heir, &found);
	if (status != ST_OK || found.fd < 0)
		return status;
	return owned_adopt(spool, &found);
}

enum status spool_open(struct spool **out, const struct spool_options *options, struct reason *why)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	enum status status;
	int len;

	if (!spool)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	spool->options = *options;
	spool->options.dir = NULL;
	spool->inherited = -1;
	spool->boot = adopt_boot();
	spool->segment_bytes = options->max_bytes / SEGMENTS_MIN;
	if (options->segment_bytes < spool->segment_bytes)
		spool->segment_bytes = options->segment_bytes;
	status = live_map(spool, why);
	if (status != ST_OK) {
		free(spool);
		return status;
	}
	len = snprintf(spool->dir, sizeof(spool->dir), "%s/%u", options->dir, (unsigned)geteuid());
	if (len < 0 || len > (int)sizeof(spool->dir) - SHELF_STEM - 8) {
		errno = ENAMETOOLONG;
		status = ST_IO;
	}
	if (status == ST_OK)
		status = shelf_make(spool->dir);
	if (status == ST_OK)
		status = spool_take_over(spool);
	if (status != ST_OK) {
		reason_set(why, status, "spool directory %s: %s", spool->dir,
			   status == ST_IO ? strerror(errno) : status_text(status));
		spool_close(spool);
		return status;
	}
	*out = spool;
	return ST_OK;
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	keeper_stop(spool);
	/* Again where the segment was removed and its events went to a new one. */
	for (int i = 0; i < TRIES_MAX && (spool->live->current || spool->live->closing); i++) {
		if (spool->live->current)
			owned_retire(spool);
		owned_close_retired(spool, INT64_MAX);
	}
	if (spool->inherited >= 0)
		(void)close(spool->inherited);
	(void)munmap(spool->live, sizeof(*spool->live));
	free(spool);
}

void spool_disown(struct spool *spool)
{
	if (spool->inherited >= 0)
		(void)close(spool->inherited);
	spool->inherited = -1;
}

/* Is it time to look whether the segment still is at its place? One thread looks. */
static bool check_due(struct owned *owned, int64_t now_us)
{
	if (now_us >= owned->checked_us && now_us - owned->checked_us < CHECK_US)
		return false;
	owned->checked_us = now_us;
	return true;
}

/* What a write that was done means for its segment. */
static enum status append_note(struct spool *spool, struct owned *owned, const struct frame *frame)
{
	struct live *live = spool->live;

	owned->frames++;
	owned->written++;
	owned->bytes += frame_bytes(frame);
	live->grown += frame_bytes(frame);
	if (!spool->options.brief &&
	    (spool->options.sync == SPOOL_SYNC_INTERVAL || spool->options.segment_us))
		keeper_start(spool);
	return spool->options.sync == SPOOL_SYNC_ALWAYS ? commit_wait(live, owned) : ST_OK;
}

/* Which retired segments the caller is to close, by the time they were retired; 0: none. */
static int64_t close_due(struct live *live, int64_t now_us)
{
	int64_t before_us = 0;

	if (live->hurry)
		before_us = INT64_MAX;
	else if (live->closing && !live->keeping)
		before_us = now_us - CLOSE_AFTER_US;
	live->hurry = false;
	return live->closing && live->closing->retired_us <= before_us ? before_us : 0;
}

/* One try: ST_END if the segment is not at its place any more. */
static enum status append_once(struct spool *spool, const struct frame *frame, int64_t *close_us)
{
	struct live *live = spool->live;
	struct owned *owned;
	enum status status;
	uint64_t size = 0;
	bool torn = false, check;

	pthread_mutex_lock(&live->lock);
	status = owned_take(spool, frame_bytes(frame), frame->time_us, &owned);
	if (status != ST_OK)
		goto out;
	check = check_due(owned, frame->time_us);
	pthread_mutex_unlock(&live->lock);
	status = owned_write(owned, frame, check ? &size : NULL, &torn);
	pthread_mutex_lock(&live->lock);
	if (torn)
		owned->torn = true;
	if (status == ST_OK && size > owned->checked)
		owned->checked = size;
	if (status == ST_END) {
		owned->lost = true;
		owned->last = frame->stamp;
		live->hurry = true;
		if (live->current == owned)
			owned_retire(spool);
	}
	if (status == ST_OK)
		status = append_note(spool, owned, frame);
	owned_leave(spool, owned);
out:
	*close_us = close_due(live, frame->time_us);
	pthread_mutex_unlock(&live->lock);
	return status;
}

enum status spool_put(struct spool *spool, const struct frame *frame, int64_t *close_us)
{
	enum status status = ST_END;

	for (int i = 0; status == ST_END && i < TRIES_MAX; i++) {
		int64_t due_us;

		status = append_once(spool, frame, &due_us);
		if (due_us > *close_us)
			*close_us = due_us;
		if (status == ST_END)
			log_error(
			    "spool: the segment's file was removed or moved while it was in use");
	}
	if (status != ST_END)
		return status;
	errno = ENOENT;
	return ST_IO;
}

enum status spool_append(struct spool *spool, const struct clean *clean, const struct stamp *stamp)
{
	struct frame frame = {.stamp = *stamp, .time_us = clock_wall_us()};
	enum status status;
	int64_t close_us = 0;
	size_t len;

	frame.record = clean_record(clean, &len);
	if (len > FRAME_RECORD_MAX)
		return ST_TOO_LARGE;
	frame.length = (uint32_t)len;
	status = spool_put(spool, &frame, &close_us);
	if (close_us)
		owned_close_retired(spool, close_us);
	return status;
}

enum status spool_has_room(struct spool *spool, uint64_t bytes)
{
	enum status status = ST_OK;

	pthread_mutex_lock(&spool->live->lock);
	if (!spool->options.ring)
		status = room_make(spool, bytes, clock_mono_us());
	pthread_mutex_unlock(&spool->live->lock);
	return status;
}

uint64_t spool_bytes(const struct spool *spool)
{
	struct live *live = spool->live;
	uint64_t bytes;

	pthread_mutex_lock(&live->lock);
	bytes = live->others + (live->current ? live->current->bytes : 0);
	pthread_mutex_unlock(&live->lock);
	return bytes;
}
