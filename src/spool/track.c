/*
 * track - see its header. A live segment's tail is waited for, a sealed one's is damage:
 * whether it is sealed is looked at before it is read.
 */
#include "track.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "le.h"
#include "log.h"

struct track *track_new(const char *shelf, const char *stem)
{
	struct track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	(void)snprintf(track->shelf, sizeof(track->shelf), "%s", shelf);
	(void)snprintf(track->stem, sizeof(track->stem), "%s", stem);
	scan_start(&track->scan, -1, SEGMENT_HEAD_BYTES);
	track->size = SEGMENT_HEAD_BYTES;
	if (ranges_add(&track->done, 0, SEGMENT_HEAD_BYTES) == ST_OK)
		return track;
	free(track);
	return NULL;
}

static void track_close(struct track *track)
{
	if (track->scan.fd >= 0)
		(void)close(track->scan.fd);
	track->scan.fd = -1;
}

void track_free(struct track *track)
{
	if (!track)
		return;
	track_close(track);
	scan_rest(&track->scan);
	ranges_free(&track->done);
	free(track->attempts);
	free(track);
}

enum status track_path(const struct track *track, const char *spool, char path[SHELF_PATH])
{
	char dir[SHELF_PATH];

	if (snprintf(dir, sizeof(dir), "%s/%s", spool, track->shelf) >= SHELF_PATH) {
		errno = ENAMETOOLONG;
		return ST_IO;
	}
	return shelf_path(path, dir, track->stem, track->sealed);
}

void track_grew(struct track *track, uint64_t size)
{
	if (size == track->size && track->quiet_us)
		return;
	track->size = size;
	track->quiet_us = clock_mono_us();
}

/*
 * It may be sealed between two looks. O_NONBLOCK: the directory is its user's, who may
 * put a pipe there.
 */
static enum status track_open(struct track *track, const char *spool)
{
	struct segment_head head;
	struct segment_mark mark;
	char path[SHELF_PATH];
	enum status status;
	struct stat st;

	for (int tries = 0; tries < 2 && track->scan.fd < 0; tries++) {
		if (track_path(track, spool, path) != ST_OK)
			return ST_IO;
		track->scan.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (track->scan.fd >= 0)
			break;
		if (errno != ENOENT)
			return ST_IO;
		if (track->sealed)
			return ST_NOT_FOUND;
		track->sealed = true;
	}
	if (track->scan.fd < 0)
		return ST_NOT_FOUND;
	if (fstat(track->scan.fd, &st) < 0)
		return ST_IO;
	track_grew(track, (uint64_t)st.st_size);
	status = segment_head_read(track->scan.fd, &head, &mark);
	if (status == ST_INVALID) {
		log_error("spool: a segment is of a newer version of tamis and left alone");
		track->foreign = true;
	}
	return status == ST_IO ? ST_IO : ST_OK;
}

/*
 * It ends here for now; for good if it was sealed before this look: then its descriptor
 * goes too, as there may be thousands of small segments whose events are under way.
 */
static enum track_result track_end(struct track *track, bool sealed, int64_t now_us)
{
	scan_rest(&track->scan);
	if (sealed)
		track_close(track);
	track->at_end = true;
	track->polled_us = now_us;
	track->complete = sealed;
	return TRACK_NONE;
}

static enum track_result track_damage(struct track *track, uint64_t to, struct range *damage)
{
	*damage = (struct range){(uint32_t)track->scan.at, (uint32_t)to};
	track->scan.pos = to;
	return TRACK_DAMAGE;
}

static enum track_result track_read(struct track *track, bool sealed, struct range *damage)
{
	enum scan_result result;
	int64_t now_us = 0;

	track->scan.pos = ranges_skip(&track->done, track->scan.pos);
	/* Longer than any segment of ours; offsets would not fit. */
	if (track->scan.pos + FRAME_HEAD_BYTES + FRAME_RECORD_MAX > UINT32_MAX)
		return track_end(track, sealed, clock_wall_us());
	result = scan_next(&track->scan, &track->head);
	if (result == SCAN_TAIL || result == SCAN_END) {
		/* Once more behind a look at the clock, which other results need not. */
		now_us = clock_wall_us();
		result = scan_next(&track->scan, &track->head);
	}
	switch (result) {
	case SCAN_FRAME:
		track->has_head = true;
		track->at_end = false;
		track->head_at = (uint32_t)track->scan.at;
		return TRACK_HEAD;
	case SCAN_DAMAGE:
		return track_damage(track, track->scan.pos, damage);
	case SCAN_TAIL:
		if (sealed && track->size > track->scan.at)
			return track_damage(track, track->size, damage);
		return track_end(track, sealed, now_us);
	case SCAN_END:
		return track_end(track, sealed, now_us);
	case SCAN_FAIL:
	default:
		return TRACK_FAIL;
	}
}

enum track_result track_pull(struct track *track, const char *spool, struct range *damage)
{
	enum status status;
	struct stat st;
	bool sealed;

	if (track->scan.fd < 0) {
		status = track_open(track, spool);
		if (status != ST_OK)
			return status == ST_NOT_FOUND ? TRACK_GONE : TRACK_FAIL;
	}
	sealed = track->sealed;
	if (track->foreign)
		return track_end(track, false, clock_wall_us());
	if (sealed || !track->at_end)
		return track_read(track, sealed, damage);
	if (fstat(track->scan.fd, &st) < 0)
		return TRACK_FAIL;
	track_grew(track, (uint64_t)st.st_size);
	if (track->size == track->scan.pos)
		return track_end(track, sealed, clock_wall_us());
	return track_read(track, sealed, damage);
}

bool track_is_finished(const struct track *track)
{
	return track->complete && !track->outstanding &&
	       ranges_skip(&track->done, 0) >= track->scan.pos;
}

uint64_t track_events(const struct track *track, uint64_t mean_bytes)
{
	uint64_t from = track->has_head ? track->head_at : track->scan.pos;
	uint64_t left = track->size > from ? track->size - from : 0;
	uint64_t done = ranges_count(&track->done, from);

	if (track->marked_frames && track->size > SEGMENT_HEAD_BYTES)
		mean_bytes = (track->size - SEGMENT_HEAD_BYTES) / track->marked_frames;
	left = left > done ? left - done : 0;
	if (!left || !mean_bytes)
		return track->outstanding;
	/* Rounded up, but a few odd bytes of a mean are no event. */
	return track->outstanding + (left > mean_bytes ? (left + mean_bytes / 2) / mean_bytes : 1);
}

int64_t track_oldest_us(const struct track *track)
{
	uint8_t head[FRAME_HEAD_BYTES];

	if (track->outstanding && track->scan.fd >= 0 &&
	    pread(track->scan.fd, head, sizeof(head), (off_t)ranges_skip(&track->done, 0)) ==
		(ssize_t)sizeof(head))
		return (int64_t)le64_get(head + 32);
	if (track->outstanding || !track->number)
		return shelf_made_us(track->stem);
	return track->has_head ? track->head.time_us : 0;
}

enum status track_seal(struct track *track, const char *spool, const struct adopt_heir *heir)
{
	struct segment_head head;
	struct segment_mark mark;
	enum status status = ST_OK;
	uint64_t end, frames;
	char dir[SHELF_PATH];
	struct stat st;

	if (snprintf(dir, sizeof(dir), "%s/%s", spool, track->shelf) >= SHELF_PATH)
		return ST_IO;
	if (flock(track->scan.fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? ST_BUSY : ST_IO;
	/* Grown since it was found at its end: it lives, or has more to give first. */
	if (fstat(track->scan.fd, &st) < 0 || (uint64_t)st.st_size != track->size)
		status = ST_BUSY;
	if (status == ST_OK && segment_head_read(track->scan.fd, &head, &mark) == ST_IO)
		status = ST_IO;
	if (status == ST_OK)
		status = adopt_check(track->scan.fd, &mark, heir, &end, &frames);
	if (status == ST_OK && fdatasync(track->scan.fd) < 0)
		status = ST_IO;
	if (status == ST_OK)
		status = shelf_seal(dir, track->stem);
	(void)flock(track->scan.fd, LOCK_UN);
	if (status == ST_OK || status == ST_NOT_FOUND)
		track->sealed = true;
	return status == ST_NOT_FOUND ? ST_OK : status;
}

uint32_t track_attempts(const struct track *track, uint32_t offset)
{
	for (size_t i = 0; i < track->n_attempts; i++) {
		if (track->attempts[i].offset == offset)
			return track->attempts[i].n;
	}
	return 0;
}

enum status track_failed(struct track *track, uint32_t offset, uint32_t attempts)
{
	struct track_attempts *grown;

	for (size_t i = 0; i < track->n_attempts; i++) {
		if (track->attempts[i].offset == offset) {
			track->attempts[i].n = attempts;
			return ST_OK;
		}
	}
	grown = realloc(track->attempts, (track->n_attempts + 1) * sizeof(*grown));
	if (!grown)
		return ST_NO_MEMORY;
	track->attempts = grown;
	grown[track->n_attempts++] = (struct track_attempts){offset, attempts};
	return ST_OK;
}

void track_forget_attempts(struct track *track, uint32_t offset)
{
	for (size_t i = 0; i < track->n_attempts; i++) {
		if (track->attempts[i].offset == offset) {
			track->attempts[i] = track->attempts[--track->n_attempts];
			return;
		}
	}
}
