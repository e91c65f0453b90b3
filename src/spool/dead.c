/*
 * dead - letters are few and precious: one file a day, one sync a letter. The file is
 * locked for each letter and must still have its name then: dead_take() renames it
 * under the same lock.
 */
#include "dead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adopt.h"
#include "buf.h"
#include "clock.h"
#include "file.h"
#include "letter.h"
#include "scan.h"
#include "segment.h"

/* It may be taken between open and lock. */
#define TRIES_MAX 3

struct dead_letters {
	char dir[SHELF_PATH - 32];
	char name[LETTER_DAY]; /* of the file that is open */
	int fd;
};

enum status dead_open(struct dead_letters **out, const char *dir)
{
	struct dead_letters *dead = calloc(1, sizeof(*dead));
	enum status status;

	if (!dead)
		return ST_NO_MEMORY;
	dead->fd = -1;
	if (snprintf(dead->dir, sizeof(dead->dir), "%s", dir) >= (int)sizeof(dead->dir)) {
		errno = ENAMETOOLONG;
		status = ST_IO;
	} else {
		status = file_mkdirs_shared(dir, 0750);
	}
	if (status != ST_OK) {
		free(dead);
		return status;
	}
	*out = dead;
	return ST_OK;
}

void dead_close(struct dead_letters *dead)
{
	if (!dead)
		return;
	if (dead->fd >= 0)
		(void)close(dead->fd);
	free(dead);
}

static void day_end(struct dead_letters *dead)
{
	int saved = errno;

	if (dead->fd >= 0)
		(void)close(dead->fd);
	dead->fd = -1;
	errno = saved;
}

/* Locked and still under its name? */
static bool day_lock(struct dead_letters *dead, const char *path)
{
	struct stat held, named;

	return flock(dead->fd, LOCK_EX) == 0 && fstat(dead->fd, &held) == 0 &&
	       stat(path, &named) == 0 && held.st_ino == named.st_ino;
}

/* A new file gets its header; one that a dead process tore is cut back. */
static enum status day_mend(const struct dead_letters *dead)
{
	struct segment_head head = {SEGMENT_DEAD, clock_wall_us(), 0}, old;
	struct segment_mark mark = {0, 0, 0};
	struct adopt_heir nobody = {.orphan = NULL};
	enum status status;
	uint64_t end, frames;
	struct stat st;

	if (fstat(dead->fd, &st) < 0)
		return ST_IO;
	if (st.st_size < SEGMENT_HEAD_BYTES) {
		if (ftruncate(dead->fd, 0) < 0)
			return ST_IO;
		status = segment_head_write(dead->fd, &head);
		return status == ST_OK ? file_sync_dir(dead->dir) : status;
	}
	status = segment_head_read(dead->fd, &old, &mark);
	if (status != ST_OK && status != ST_CORRUPT)
		return status;
	status = adopt_check(dead->fd, &mark, &nobody, &end, &frames);
	if (status == ST_OK && end < (uint64_t)st.st_size && ftruncate(dead->fd, (off_t)end) < 0)
		status = ST_IO;
	return status;
}

/* The file of today, locked; made again if it was taken or removed. */
static enum status day_open(struct dead_letters *dead)
{
	char path[SHELF_PATH], name[LETTER_DAY];
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	enum status status;
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(name, sizeof(name), "%Y-%m-%d.dead", &tm))
		return ST_IO;
	(void)snprintf(path, sizeof(path), "%s/%s", dead->dir, name);
	if (dead->fd >= 0 && strcmp(name, dead->name) == 0 && day_lock(dead, path))
		return ST_OK;
	day_end(dead);
	status = file_mkdirs_shared(dead->dir, 0750);
	if (status != ST_OK)
		return status;
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		dead->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (dead->fd < 0)
			return ST_IO;
		if (day_lock(dead, path))
			break;
		day_end(dead);
	}
	if (dead->fd < 0)
		return ST_BUSY;
	memcpy(dead->name, name, sizeof(name));
	return day_mend(dead);
}

static enum status letter_write(const struct dead_letters *dead, struct buf *buf,
				struct frame *frame)
{
	uint8_t head[FRAME_HEAD_BYTES];
	enum status status;

	if (!buf_ok(buf))
		return ST_NO_MEMORY;
	memcpy(&frame->record, &buf->data, sizeof(frame->record));
	frame->record += FRAME_HEAD_BYTES;
	frame->length = (uint32_t)(buf->len - FRAME_HEAD_BYTES);
	frame_encode(head, frame);
	memcpy(buf->data, head, sizeof(head));
	status = file_write_all(dead->fd, buf->data, buf->len);
	return status == ST_OK && fdatasync(dead->fd) < 0 ? ST_IO : status;
}

enum status dead_add(struct dead_letters *dead, const struct clean *clean,
		     const struct stamp *stamp, int status, const char *text)
{
	struct frame frame = {.stamp = *stamp, .time_us = clock_wall_us()};
	static const uint8_t room[FRAME_HEAD_BYTES];
	enum status result;
	const void *record;
	struct buf buf;
	size_t len;

	record = clean_record(clean, &len);
	if (len > FRAME_RECORD_MAX - LETTER_REASON_MAX)
		return ST_TOO_LARGE;
	result = day_open(dead);
	if (result == ST_OK) {
		buf_init(&buf, FRAME_HEAD_BYTES + FRAME_RECORD_MAX);
		buf_add(&buf, room, sizeof(room));
		buf_addf(&buf, "%d %.*s\n", status, LETTER_REASON_MAX - 16, text);
		buf_add(&buf, record, len);
		result = letter_write(dead, &buf, &frame);
		buf_free(&buf);
	}
	/* A torn letter is cut off when the file is opened again. */
	if (result != ST_OK)
		day_end(dead);
	else
		(void)flock(dead->fd, LOCK_UN);
	return result;
}
