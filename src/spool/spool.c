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
#define TRIES_MAX 3    /* new segments for one record whose names vanish */

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
	struct adopt_heir heir = {spool->options.orphan, spool->options.context};
	struct adopted found;
	enum status status;

	shelf_sweep(spool->dir);
	status = adopt_orphans(spool->dir, spool->boot, spool->segment_bytes, &heir, &found);
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
	if (spool->live->current)
		owned_retire(spool);
	owned_close_retired(spool, INT64_MAX);
	if (spool->inherited >= 0)
		(void)close(spool->inherited);
	(void)munmap(spool->live, sizeof(*spool->live));
	free(spool);
}

/* One try: ST_END if the segment's name vanished under the write. */
static enum status append_once(struct spool *spool, const struct frame *frame)
{
	struct live *live = spool->live;
	bool torn = false;
	int64_t close_us = 0;
	struct owned *owned;
	enum status status;
	uint64_t size = 0;

	pthread_mutex_lock(&live->lock);
	status = owned_take(spool, frame_bytes(frame), frame->time_us, &owned);
	if (status != ST_OK)
		goto out;
	pthread_mutex_unlock(&live->lock);
	status = owned_write(owned, frame, &size, &torn);
	pthread_mutex_lock(&live->lock);
	if (size > owned->bytes)
		owned->bytes = size;
	if (torn)
		owned->torn = true;
	if (status == ST_END) {
		owned->lost = true;
		if (live->current == owned)
			owned_retire(spool);
	}
	if (status == ST_OK) {
		owned->frames++;
		owned->written++;
		live->grown += frame_bytes(frame);
		if (spool->options.sync == SPOOL_SYNC_ALWAYS)
			status = commit_wait(live, owned);
		else if (spool->options.sync == SPOOL_SYNC_INTERVAL && !live->keeping &&
			 !spool->options.brief)
			keeper_start(spool);
	}
	owned_leave(spool, owned);
out:
	if (live->hurry)
		close_us = INT64_MAX;
	else if (live->closing && !live->keeping)
		close_us = frame->time_us - CLOSE_AFTER_US;
	live->hurry = false;
	if (!live->closing || live->closing->retired_us > close_us)
		close_us = 0;
	pthread_mutex_unlock(&live->lock);
	if (close_us)
		owned_close_retired(spool, close_us);
	return status;
}

enum status spool_append(struct spool *spool, const struct clean *clean, const struct stamp *stamp)
{
	struct frame frame = {.stamp = *stamp};
	enum status status = ST_END;
	size_t len;

	frame.record = clean_record(clean, &len);
	if (len > FRAME_RECORD_MAX)
		return ST_TOO_LARGE;
	frame.length = (uint32_t)len;
	frame.time_us = clock_wall_us();
	for (int i = 0; status == ST_END && i < TRIES_MAX; i++) {
		status = append_once(spool, &frame);
		if (status == ST_END)
			log_error("spool: the segment's file was removed while it was in use");
	}
	if (status == ST_END) {
		errno = ENOENT;
		return ST_IO;
	}
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
