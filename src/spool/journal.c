/*
 * journal - append, parse, replace.
 */
#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"
#include "file.h"
#include "le.h"
#include "reserve.h"

#define HEAD_BYTES 16u
#define MARK_BYTES 12u
#define NAME_MAX_BYTES 64u
#define BODY_MAX (1u << 20)
/* About 80,000 marks: rewriting costs two syncs. */
#define REWRITE_BYTES ((uint64_t)4 << 20)

enum kind { KIND_SEGMENT = 1, KIND_DONE, KIND_FAILED };

struct journal {
	char dir[PATH_MAX];
	char path[PATH_MAX];
	int lock; /* descriptor of the directory */
	int fd;	  /* -1: to be rewritten */
	uint64_t bytes;
};

static const uint8_t magic[4] = {0xFE, 'T', 'J', 0xFE};

static void frame_put(struct buf *frames, enum kind kind, const void *body, size_t len)
{
	uint8_t head[HEAD_BYTES];
	uint32_t crc;

	memcpy(head, magic, sizeof(magic));
	le32_put(head + 8, (uint32_t)len);
	le32_put(head + 12, (uint32_t)kind);
	crc = crc32c(0, head + 8, sizeof(head) - 8);
	le32_put(head + 4, crc32c(crc, body, len));
	buf_add(frames, head, sizeof(head));
	buf_add(frames, body, len);
}

void journal_put_segment(struct buf *frames, uint32_t number, const char *name)
{
	uint8_t body[4 + NAME_MAX_BYTES];
	size_t len = strnlen(name, NAME_MAX_BYTES);

	le32_put(body, number);
	memcpy(body + 4, name, len);
	frame_put(frames, KIND_SEGMENT, body, 4 + len);
}

void journal_put_done(struct buf *frames, const struct journal_mark *marks, size_t n)
{
	uint8_t body[MARK_BYTES * JOURNAL_MARKS];

	while (n) {
		size_t part = n < JOURNAL_MARKS ? n : JOURNAL_MARKS;

		for (size_t i = 0; i < part; i++) {
			le32_put(body + i * MARK_BYTES, marks[i].number);
			le32_put(body + i * MARK_BYTES + 4, marks[i].from);
			le32_put(body + i * MARK_BYTES + 8, marks[i].to);
		}
		frame_put(frames, KIND_DONE, body, part * MARK_BYTES);
		marks += part;
		n -= part;
	}
}

void journal_put_failed(struct buf *frames, uint32_t number, uint32_t offset, uint32_t attempts)
{
	uint8_t body[12];

	le32_put(body, number);
	le32_put(body + 4, offset);
	le32_put(body + 8, attempts);
	frame_put(frames, KIND_FAILED, body, sizeof(body));
}

/* Length of the intact frame at data, 0 if there is none. */
static size_t frame_length(const uint8_t *data, size_t len)
{
	uint32_t body;

	if (len < HEAD_BYTES || memcmp(data, magic, sizeof(magic)) != 0)
		return 0;
	body = le32_get(data + 8);
	if (body > BODY_MAX || HEAD_BYTES + body > len)
		return 0;
	if (crc32c(0, data + 8, HEAD_BYTES - 8 + body) != le32_get(data + 4))
		return 0;
	return HEAD_BYTES + body;
}

static enum status marks_visit(const uint8_t *body, size_t len,
			       const struct journal_visitor *visitor)
{
	enum status status = ST_OK;

	for (; status == ST_OK && len >= MARK_BYTES; body += MARK_BYTES, len -= MARK_BYTES) {
		struct journal_mark mark = {le32_get(body), le32_get(body + 4), le32_get(body + 8)};

		status = visitor->done(visitor->context, &mark);
	}
	return status;
}

static enum status frame_visit(const uint8_t *data, size_t len,
			       const struct journal_visitor *visitor)
{
	const uint8_t *body = data + HEAD_BYTES;
	char name[NAME_MAX_BYTES + 1];

	len -= HEAD_BYTES;
	switch (le32_get(data + 12)) {
	case KIND_SEGMENT:
		if (len < 4 || len > 4 + NAME_MAX_BYTES)
			return ST_OK;
		memcpy(name, body + 4, len - 4);
		name[len - 4] = '\0';
		return visitor->segment(visitor->context, le32_get(body), name);
	case KIND_DONE:
		return marks_visit(body, len, visitor);
	case KIND_FAILED:
		if (len < 12)
			return ST_OK;
		return visitor->failed(visitor->context, le32_get(body), le32_get(body + 4),
				       le32_get(body + 8));
	default:
		return ST_OK;
	}
}

enum status journal_parse(const uint8_t *data, size_t len, const struct journal_visitor *visitor,
			  uint64_t *damaged)
{
	enum status status = ST_OK;
	int skipping = 0;
	size_t pos = 0;

	*damaged = 0;
	while (status == ST_OK && pos < len) {
		size_t frame = frame_length(data + pos, len - pos);
		const uint8_t *next;

		if (frame) {
			status = frame_visit(data + pos, frame, visitor);
			skipping = 0;
			pos += frame;
			continue;
		}
		*damaged += !skipping;
		skipping = 1;
		next = memchr(data + pos + 1, magic[0], len - pos - 1);
		pos = next ? (size_t)(next - data) : len;
	}
	return status;
}

enum status journal_load(struct journal *journal, const struct journal_visitor *visitor,
			 uint64_t *damaged)
{
	enum status status;
	struct buf buf;

	*damaged = 0;
	buf_init(&buf, JOURNAL_MAX_BYTES);
	status = file_read(journal->path, &buf);
	if (status == ST_OK && buf.len) {
		uint8_t *data;

		memcpy(&data, &buf.data, sizeof(data));
		status = journal_parse(data, buf.len, visitor, damaged);
	}
	buf_free(&buf);
	return status == ST_NOT_FOUND ? ST_OK : status;
}

static enum status dir_lock(struct journal *journal)
{
	enum status status = file_mkdirs_shared(journal->dir, 0750);
	int fd, saved;

	if (status != ST_OK)
		return status;
	fd = open(journal->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ST_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		saved = errno;
		(void)close(fd);
		errno = saved;
		return saved == EWOULDBLOCK ? ST_BUSY : ST_IO;
	}
	if (journal->lock >= 0)
		(void)close(journal->lock);
	journal->lock = fd;
	return ST_OK;
}

/* What a process left that died while it rewrote. */
static void dir_sweep(int lock)
{
	int fd = openat(lock, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		if (strncmp(entry->d_name, "journal.", 8) == 0)
			(void)unlinkat(fd, entry->d_name, 0);
	}
	if (stream)
		(void)closedir(stream);
	else if (fd >= 0)
		(void)close(fd);
}

enum status journal_open(struct journal **out, const char *dir, struct reason *why)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	enum status status = ST_OK;

	if (!journal)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	journal->lock = -1;
	journal->fd = -1;
	if (snprintf(journal->dir, sizeof(journal->dir), "%s", dir) >= PATH_MAX ||
	    snprintf(journal->path, sizeof(journal->path), "%s/journal", dir) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		status = ST_IO;
	}
	if (status == ST_OK)
		status = dir_lock(journal);
	if (status == ST_BUSY)
		reason_set(why, status, "another forwarder is at work on %s", dir);
	else if (status != ST_OK)
		reason_set(why, status, "checkpoint directory %s: %s", dir, strerror(errno));
	if (status != ST_OK) {
		journal_close(journal);
		return status;
	}
	dir_sweep(journal->lock);
	*out = journal;
	return ST_OK;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		(void)close(journal->fd);
	if (journal->lock >= 0)
		(void)close(journal->lock);
	free(journal);
}

static void journal_break(struct journal *journal)
{
	int saved = errno;

	if (journal->fd >= 0)
		(void)close(journal->fd);
	journal->fd = -1;
	errno = saved;
}

enum status journal_write(struct journal *journal, const struct buf *frames)
{
	enum status status;

	if (!buf_ok(frames))
		return ST_NO_MEMORY;
	if (journal->fd < 0) {
		errno = EBADF;
		return ST_IO;
	}
	status = file_write_all(journal->fd, frames->data, frames->len);
	if (status != ST_OK)
		journal_break(journal);
	journal->bytes += frames->len;
	return status;
}

static enum status journal_reopen(struct journal *journal)
{
	struct stat st;

	journal_break(journal);
	journal->fd = open(journal->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (journal->fd < 0 || fstat(journal->fd, &st) < 0)
		return ST_IO;
	journal->bytes = (uint64_t)st.st_size;
	return ST_OK;
}

/*
 * The disk is full and the journal not open, as after a start: all goes behind what the old
 * one says, in the room that it was given. Numbers are never used again, so both hold.
 */
static enum status journal_prolong(struct journal *journal, const struct buf *frames)
{
	int full = errno;
	enum status status = journal_reopen(journal);

	if (status == ST_OK)
		status = journal_write(journal, frames);
	if (status == ST_OK)
		status = journal_sync(journal);
	errno = full;
	return status;
}

enum status journal_rewrite(struct journal *journal, const struct buf *frames)
{
	enum status status;
	uint64_t room;

	if (!buf_ok(frames))
		return ST_NO_MEMORY;
	status = file_replace(journal->path, frames->len ? frames->data : "", frames->len, 0640);
	if (status == ST_IO && (errno == ENOSPC || errno == EDQUOT) && journal->fd < 0)
		return journal_prolong(journal, frames);
	if (status == ST_OK)
		status = journal_reopen(journal);
	if (status != ST_OK)
		return status;
	/* So that marks can be written, and room be made, when the disk is full. */
	room = reserve_part(journal->fd, REWRITE_BYTES);
	if (room)
		(void)!fallocate(journal->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)room);
	return ST_OK;
}

static int is_gone(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) < 0 || stat(path, &named) < 0 || held.st_ino != named.st_ino ||
	       held.st_dev != named.st_dev;
}

int journal_is_due(const struct journal *journal)
{
	return journal->fd < 0 || journal->bytes > REWRITE_BYTES ||
	       is_gone(journal->fd, journal->path);
}

enum status journal_sync(struct journal *journal)
{
	if (journal->fd >= 0 && fdatasync(journal->fd) == 0)
		return ST_OK;
	journal_break(journal);
	return ST_IO;
}

enum status journal_reclaim(struct journal *journal)
{
	if (!is_gone(journal->lock, journal->dir))
		return ST_OK;
	journal_break(journal);
	return dir_lock(journal);
}
