/*
 * dead - letters are few and precious: one file a day, one sync a letter.
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

#define DAY_NAME sizeof("2026-11-20.dead")

struct dead_letters {
	char dir[SHELF_PATH - 32];
	char name[DAY_NAME]; /* of the file that is open */
	int fd;
};

bool letter_file(const char *name)
{
	static const char shape[] = "dddd-dd-dd.dead";
	size_t i = 0;

	for (; name[i] && shape[i]; i++) {
		if (shape[i] == 'd' && i < 10 ? name[i] < '0' || name[i] > '9'
					      : name[i] != shape[i])
			return false;
	}
	return name[i] == shape[i];
}

void letter_open(const uint8_t **record, size_t *len, struct letter *letter)
{
	size_t max = *len < LETTER_REASON_MAX ? *len : LETTER_REASON_MAX;
	const uint8_t *end = memchr(*record, '\n', max);
	char line[LETTER_REASON_MAX] = "";
	const char *space;

	if (!end)
		return;
	memcpy(line, *record, (size_t)(end - *record));
	*len -= (size_t)(end + 1 - *record);
	*record = end + 1;
	if (!letter)
		return;
	space = strchr(line, ' ');
	letter->status = (int)strtol(line, NULL, 10);
	(void)snprintf(letter->text, sizeof(letter->text), "%s", space ? space + 1 : "");
}

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
		status = file_mkdirs(dir, 0750);
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

/* A new file gets its header; one that a dead process tore is cut back. */
static enum status day_begin(struct dead_letters *dead, int fd)
{
	struct segment_head head = {SEGMENT_DEAD, clock_wall_us(), 0};
	struct segment_mark mark = {0, 0, 0};
	struct adopt_heir nobody = {NULL, NULL};
	enum status status = segment_head_read(fd, &head, &mark);
	uint64_t end, frames;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ST_IO;
	if (st.st_size < SEGMENT_HEAD_BYTES) {
		head = (struct segment_head){SEGMENT_DEAD, clock_wall_us(), 0};
		if (ftruncate(fd, 0) < 0)
			return ST_IO;
		status = segment_head_write(fd, &head);
		return status == ST_OK ? file_sync_dir(dead->dir) : status;
	}
	if (status != ST_OK)
		return status;
	status = adopt_check(fd, &mark, &nobody, &end, &frames);
	if (status == ST_OK && end < (uint64_t)st.st_size && ftruncate(fd, (off_t)end) < 0)
		status = ST_IO;
	return status;
}

static void day_end(struct dead_letters *dead)
{
	int saved = errno;

	if (dead->fd >= 0)
		(void)close(dead->fd);
	dead->fd = -1;
	errno = saved;
}

/* The file of today, opened and locked; made again if it was removed. */
static enum status day_open(struct dead_letters *dead)
{
	char path[SHELF_PATH], name[DAY_NAME];
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	enum status status;
	struct stat st;
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(name, sizeof(name), "%Y-%m-%d.dead", &tm))
		return ST_IO;
	if (dead->fd >= 0 && strcmp(name, dead->name) == 0 && fstat(dead->fd, &st) == 0 &&
	    st.st_nlink)
		return ST_OK;
	day_end(dead);
	status = file_mkdirs(dead->dir, 0750);
	if (status != ST_OK)
		return status;
	(void)snprintf(path, sizeof(path), "%s/%s", dead->dir, name);
	dead->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (dead->fd < 0)
		return ST_IO;
	status = flock(dead->fd, LOCK_EX | LOCK_NB) < 0 ? ST_BUSY : day_begin(dead, dead->fd);
	if (status != ST_OK) {
		day_end(dead);
		return status;
	}
	memcpy(dead->name, name, sizeof(name));
	return ST_OK;
}

enum status dead_add(struct dead_letters *dead, const struct clean *clean,
		     const struct stamp *stamp, int status, const char *text)
{
	struct frame frame = {.stamp = *stamp, .time_us = clock_wall_us()};
	uint8_t head[FRAME_HEAD_BYTES] = {0};
	enum status result;
	const void *record;
	struct buf buf;
	size_t len;

	record = clean_record(clean, &len);
	if (len > FRAME_RECORD_MAX - LETTER_REASON_MAX)
		return ST_TOO_LARGE;
	result = day_open(dead);
	if (result != ST_OK)
		return result;
	buf_init(&buf, FRAME_HEAD_BYTES + FRAME_RECORD_MAX);
	buf_add(&buf, head, sizeof(head));
	buf_addf(&buf, "%d %.*s\n", status, LETTER_REASON_MAX - 16, text);
	buf_add(&buf, record, len);
	if (!buf_ok(&buf)) {
		buf_free(&buf);
		return ST_NO_MEMORY;
	}
	memcpy(&frame.record, &buf.data, sizeof(frame.record));
	frame.record += FRAME_HEAD_BYTES;
	frame.length = (uint32_t)(buf.len - FRAME_HEAD_BYTES);
	frame_encode(head, &frame);
	memcpy(buf.data, head, sizeof(head));
	result = file_write_all(dead->fd, buf.data, buf.len);
	if (result == ST_OK && fdatasync(dead->fd) < 0)
		result = ST_IO;
	buf_free(&buf);
	/* A torn letter is cut off when the file is opened again. */
	if (result != ST_OK)
		day_end(dead);
	return result;
}
