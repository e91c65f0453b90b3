/*
 * owned - the segment of this process: made at first need, written to by all threads at
 * once (the kernel orders appends), mended after a write that fell short, sealed by the
 * last who leaves it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "scan.h"
#include "writer.h"

/* Below this one copy and write() is cheaper than writev(). */
#define COPY_MAX 4096u

static enum status status_of(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? ST_FULL : ST_IO;
}

static enum status owned_begin(struct spool *spool, int fd, const char *stem,
			       const struct segment_mark *mark)
{
	struct owned *owned = calloc(1, sizeof(*owned));

	if (!owned) {
		(void)close(fd);
		return ST_NO_MEMORY;
	}
	owned->fd = fd;
	owned->dir = spool->dir;
	memcpy(owned->stem, stem, sizeof(owned->stem));
	owned->made_us = shelf_made_us(stem);
	owned->bytes = mark->bytes;
	owned->checked = mark->bytes;
	owned->intact = mark->bytes;
	owned->frames = mark->frames;
	owned->synced_us = mark->synced_us;
	spool->live->current = owned;
	spool->inherited = fd;
	return ST_OK;
}

enum status owned_adopt(struct spool *spool, const struct adopted *adopted)
{
	return owned_begin(spool, adopted->fd, adopted->stem, &adopted->mark);
}

static enum status owned_new(struct spool *spool, int64_t now_us)
{
	struct segment_head head = {SEGMENT_SPOOL, now_us, spool->boot};
	struct segment_mark mark = {SEGMENT_HEAD_BYTES, 0, 0};
	char stem[SHELF_STEM];
	enum status status;
	int fd;

	if (spool->inherited >= 0) {
		(void)close(spool->inherited);
		spool->inherited = -1;
	}
	status =
	    shelf_create(spool->dir, &head, spool->options.sync != SPOOL_SYNC_PROCESS, stem, &fd);
	if (status != ST_OK)
		return status == ST_IO ? status_of(errno) : status;
	return owned_begin(spool, fd, stem, &mark);
}

/* At the end of the list: the oldest is closed first. */
static void owned_hand_over(struct live *live, struct owned *owned)
{
	struct owned **end = &live->closing;

	while (*end)
		end = &(*end)->next;
	owned->next = NULL;
	owned->retired_us = clock_wall_us();
	*end = owned;
}

void owned_retire(struct spool *spool)
{
	struct owned *owned = spool->live->current;

	spool->live->current = NULL;
	spool->live->others += owned->bytes;
	spool->inherited = -1;
	owned->retired = true;
	if (!owned->users)
		owned_hand_over(spool->live, owned);
}

bool owned_is_old(const struct spool *spool, const struct owned *owned, int64_t now_us)
{
	return spool->options.segment_us && owned->frames &&
	       now_us - owned->made_us >= spool->options.segment_us;
}

enum status owned_take(struct spool *spool, uint64_t bytes, int64_t now_us, struct owned **out)
{
	struct live *live = spool->live;
	enum status status = room_make(spool, bytes, now_us);

	if (status != ST_OK)
		return status;
	if (live->current && live->current->torn)
		return ST_FULL;
	if (live->current &&
	    (live->current->broken || owned_is_old(spool, live->current, now_us) ||
	     (live->current->frames && live->current->bytes + bytes > spool->segment_bytes)))
		owned_retire(spool);
	if (!live->current) {
		status = owned_new(spool, now_us);
		if (status != ST_OK)
			return status;
	}
	live->current->users++;
	*out = live->current;
	return ST_OK;
}

static ssize_t frame_put(int fd, const struct frame *frame)
{
	uint8_t bytes[COPY_MAX];
	struct iovec parts[2];
	ssize_t put;

	frame_encode(bytes, frame);
	if (frame_bytes(frame) <= COPY_MAX) {
		memcpy(bytes + FRAME_HEAD_BYTES, frame->record, frame->length);
		do
			put = write(fd, bytes, frame_bytes(frame));
		while (put < 0 && errno == EINTR);
		return put;
	}
	parts[0].iov_base = bytes;
	parts[0].iov_len = FRAME_HEAD_BYTES;
	memcpy(&parts[1].iov_base, &frame->record, sizeof(frame->record));
	parts[1].iov_len = frame->length;
	do
		put = writev(fd, parts, 2);
	while (put < 0 && errno == EINTR);
	return put;
}

/* Removed, or moved with its directory: then no reader will ever come by. */
static bool is_lost(const struct owned *owned, const struct stat *mine)
{
	char path[SHELF_PATH];
	struct stat named;

	if (!mine->st_nlink)
		return true;
	if (shelf_path(path, owned->dir, owned->stem, false) != ST_OK)
		return false;
	if (stat(path, &named) < 0)
		return errno == ENOENT || errno == ENOTDIR;
	return named.st_ino != mine->st_ino || named.st_dev != mine->st_dev;
}

/* The look at the name comes last: one that is seen was there for all of the size. */
enum status owned_look(const struct owned *owned, uint64_t *size)
{
	struct stat st;

	if (fstat(owned->fd, &st) < 0)
		return ST_IO;
	*size = (uint64_t)st.st_size;
	return is_lost(owned, &st) ? ST_END : ST_OK;
}

enum status owned_write(struct owned *owned, const struct frame *frame, uint64_t *size, bool *torn)
{
	ssize_t put = frame_put(owned->fd, frame);

	*torn = put >= 0 && (size_t)put != frame_bytes(frame);
	if (*torn)
		/* The kernel tells why only when asked for the rest. */
		return ST_FULL;
	if (put < 0)
		return status_of(errno);
	return size ? owned_look(owned, size) : ST_OK;
}

/* Nobody else writes now: cut what lies behind the last whole record. */
static void owned_mend(struct owned *owned)
{
	struct segment_mark from = {owned->intact, owned->frames, owned->synced_us};
	struct adopt_heir nobody = {.orphan = NULL};
	uint64_t end, frames;

	owned->torn = false;
	if (adopt_check(owned->fd, &from, &nobody, &end, &frames) != ST_OK ||
	    ftruncate(owned->fd, (off_t)end) < 0) {
		owned->broken = true;
		log_error("spool: a torn record cannot be cut off: %s", strerror(errno));
		return;
	}
	owned->intact = end;
	owned->bytes = end;
}

void owned_leave(struct spool *spool, struct owned *owned)
{
	if (--owned->users)
		return;
	if (owned->torn)
		owned_mend(owned);
	if (owned->retired)
		owned_hand_over(spool->live, owned);
}

static void owned_sync(struct owned *owned)
{
	if (owned->written == owned->synced)
		return;
	if (fdatasync(owned->fd) < 0) {
		log_error("spool: a segment cannot be synced: %s", strerror(errno));
		return;
	}
	owned->synced = owned->written;
	owned->synced_us = clock_wall_us();
}

/*
 * A process of one request leaves its segment to the next one, synced if a second went
 * by since the last time; others seal it.
 */
static void owned_finish(struct spool *spool, struct owned *owned)
{
	bool brief = spool->options.brief && !owned->broken && owned->bytes < spool->segment_bytes;
	struct segment_mark mark = {owned->bytes, owned->frames, 0};
	int64_t age_us = clock_wall_us() - owned->synced_us;

	if (spool->options.sync != SPOOL_SYNC_PROCESS &&
	    (!brief || age_us >= US_PER_S || age_us < 0))
		owned_sync(owned);
	mark.synced_us = owned->synced_us;
	if (segment_mark_write(owned->fd, &mark) != ST_OK)
		log_warning("spool: a segment's mark cannot be written: %s", strerror(errno));
	if (!brief && shelf_seal(spool->dir, owned->stem) == ST_IO)
		log_warning("spool: a segment cannot be sealed: %s", strerror(errno));
	/* A child may hold the same descriptor without knowing. */
	(void)flock(owned->fd, LOCK_UN);
}

/*
 * The file is not at its place any more. What was appended since it was last seen there
 * goes to the next segment, but for the event that found it out, which went already.
 */
static void owned_rescue(struct spool *spool, const struct owned *owned)
{
	uint64_t rescued = 0, failed = 0;
	enum scan_result result;
	struct frame frame;
	struct scan scan;
	int64_t ignored = 0;

	scan_start(&scan, owned->fd, SEGMENT_HEAD_BYTES);
	while ((result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
		if (result == SCAN_DAMAGE || scan.pos <= owned->checked ||
		    memcmp(&frame.stamp, &owned->last, sizeof(frame.stamp)) == 0)
			continue;
		if (spool_put(spool, &frame, &ignored) == ST_OK)
			rescued++;
		else
			failed++;
	}
	scan_rest(&scan);
	if (rescued || failed)
		log_error(
		    "spool: of a segment removed or moved %llu events were rescued, %llu were not",
		    (unsigned long long)rescued, (unsigned long long)failed);
}

void owned_close_retired(struct spool *spool, int64_t before_us)
{
	for (;;) {
		struct owned *owned;
		uint64_t size;

		pthread_mutex_lock(&spool->live->lock);
		owned = spool->live->closing;
		if (owned && owned->retired_us > before_us)
			owned = NULL;
		if (owned)
			spool->live->closing = owned->next;
		pthread_mutex_unlock(&spool->live->lock);
		if (!owned)
			return;
		if (owned->lost || owned_look(owned, &size) == ST_END)
			owned_rescue(spool, owned);
		else
			owned_finish(spool, owned);
		(void)close(owned->fd);
		free(owned);
	}
}
