/*
 * bound - see bound.h.
 *
 * A line of eight slots is changed under a lock on its byte of the file, which the kernel
 * gives back when its holder is killed. Each thread has the file open for itself, since
 * such a lock is the open file's. The day's table is a file of its own; whoever opens the
 * next one removes those before.
 */
#include "bound.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define MAGIC UINT64_C(0x3164756f62742e74)
#define LINES 65536 /* 21 MB; docs/dp.md says how many clients a day they serve */
#define LINE_SLOTS 8
#define NAME_BYTES 32

struct slot {
	uint64_t tag; /* 0: free */
	uint8_t attempts, cells;
	uint8_t each[BOUND_CELLS_MAX];
	uint16_t prints[BOUND_CELLS_MAX]; /* two cells of one print count as one: refused sooner */
};

struct head {
	uint64_t magic;
	unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
};

struct table {
	struct head head;
	struct slot lines[LINES][LINE_SLOTS];
};

struct bound {
	int dir, fd;
	int32_t day; /* of the table */
	struct table *table;
	char *marker;
};

static void name_of(char name[NAME_BYTES], int32_t day)
{
	snprintf(name, NAME_BYTES, "bounds.%d", (int)day);
}

enum status bound_open(struct bound **out, const char *dir, const char *marker, struct reason *why)
{
	struct bound *bound = calloc(1, sizeof(*bound));

	*out = NULL;
	if (bound)
		bound->marker = strdup(marker);
	if (!bound || !bound->marker || sodium_init() < 0) {
		if (bound)
			free(bound->marker);
		free(bound);
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	bound->fd = -1;
	bound->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bound->dir < 0) {
		free(bound->marker);
		free(bound);
		return reason_set_path(why, ST_IO, dir);
	}
	*out = bound;
	return ST_OK;
}

static void leave_table(struct bound *bound)
{
	if (bound->table)
		munmap(bound->table, sizeof(*bound->table));
	if (bound->fd >= 0)
		close(bound->fd);
	bound->table = NULL;
	bound->fd = -1;
}

void bound_close(struct bound *bound)
{
	if (!bound)
		return;
	leave_table(bound);
	close(bound->dir);
	free(bound->marker);
	free(bound);
}

/* All of its room now: a full tmpfs would be a SIGBUS later. */
static enum status fill(int fd, const struct stat *dir)
{
	struct head head = {.magic = MAGIC};
	enum status status = ST_IO;

	if ((dir->st_mode & S_IWGRP) && (fchown(fd, (uid_t)-1, dir->st_gid) || fchmod(fd, 0660)))
		return ST_IO;
	randombytes_buf(head.key, sizeof(head.key));
	errno = posix_fallocate(fd, 0, sizeof(struct table));
	if (!errno && pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head))
		status = ST_OK;
	sodium_memzero(head.key, sizeof(head.key));
	return status;
}

static enum status make_table(const struct bound *bound, const char *name)
{
	enum status status = ST_IO;
	char made[NAME_BYTES];
	struct stat dir;
	int fd;

	snprintf(made, sizeof(made), "new-%08x%08x", randombytes_random(), randombytes_random());
	if (fstat(bound->dir, &dir))
		return ST_IO;
	fd = openat(bound->dir, made, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return ST_IO;
	status = fill(fd, &dir);
	if (status == ST_OK && linkat(bound->dir, made, bound->dir, name, 0) && errno != EEXIST)
		status = ST_IO;
	unlinkat(bound->dir, made, 0);
	close(fd);
	return status;
}

static enum status map_table(struct bound *bound, const char *name)
{
	struct stat st;
	void *map;

	bound->fd = openat(bound->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (bound->fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (fstat(bound->fd, &st) || !S_ISREG(st.st_mode) || (st.st_mode & 007) ||
	    (size_t)st.st_size != sizeof(struct table))
		return ST_DENIED;
	map = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED, bound->fd, 0);
	if (map == MAP_FAILED)
		return ST_IO;
	bound->table = map;
	return bound->table->head.magic == MAGIC ? ST_OK : ST_DENIED;
}

static void remove_old(const struct bound *bound, int32_t day)
{
	char name[NAME_BYTES];

	for (int32_t old = day - 7; old < day; old++) { /* with its key nobody is known */
		name_of(name, old);
		unlinkat(bound->dir, name, 0);
	}
}

/*
 * The day goes on the disk before its table is there: a table that was lost (a reboot, a
 * clock set back) knew who had contributed, and a new one would let everybody do it again.
 */
static enum status mark_day(int fd, int32_t day)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return ST_IO;
	if (n > 0 && strtol(text, NULL, 10) >= day)
		return ST_DENIED;
	n = snprintf(text, sizeof(text), "%10d\n", (int)day);
	return pwrite(fd, text, (size_t)n, 0) == n && fdatasync(fd) == 0 ? ST_OK : ST_IO;
}

static enum status begin_day(struct bound *bound, const char *name, int32_t day)
{
	int fd = file_open_shared(bound->marker, O_RDWR, 0660);
	enum status status = ST_IO;

	if (fd < 0)
		return ST_IO;
	if (flock(fd, LOCK_EX) == 0)
		status = map_table(bound, name); /* has another been faster? */
	if (status == ST_NOT_FOUND) {
		status = mark_day(fd, day);
		if (status == ST_OK)
			status = make_table(bound, name);
		if (status == ST_OK)
			status = map_table(bound, name);
		remove_old(bound, day);
	}
	close(fd);
	return status;
}

static enum status turn_to(struct bound *bound, int32_t day)
{
	char name[NAME_BYTES];
	enum status status;

	if (bound->table && bound->day == day)
		return ST_OK;
	leave_table(bound);
	name_of(name, day);
	status = map_table(bound, name);
	if (status == ST_NOT_FOUND)
		status = begin_day(bound, name, day);
	bound->day = day;
	if (status != ST_OK)
		leave_table(bound);
	return status;
}

static bool lock_line(const struct bound *bound, size_t line, short type)
{
	struct flock region = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)line, .l_len = 1};
	int failed;

	do
		failed = fcntl(bound->fd, F_OFD_SETLKW, &region);
	while (failed && errno == EINTR);
	return !failed;
}

static struct slot *slot_of(struct slot line[LINE_SLOTS], uint64_t tag)
{
	for (size_t i = 0; i < LINE_SLOTS; i++) {
		if (line[i].tag == tag)
			return &line[i];
		if (!line[i].tag) {
			line[i].tag = tag;
			return &line[i];
		}
	}
	return NULL;
}

static enum status take(struct slot *slot, uint16_t print, const struct allowance *allowance)
{
	unsigned i = 0;

	if (slot->attempts >= BOUND_ATTEMPTS)
		return ST_LIMITED;
	slot->attempts++;
	while (i < slot->cells && (allowance->apart || slot->prints[i] != print))
		i++;
	if (i == slot->cells && (i >= allowance->cells || i >= BOUND_CELLS_MAX))
		return ST_END;
	if (i == slot->cells) {
		slot->prints[i] = print;
		slot->cells++;
	}
	if (slot->each[i] >= allowance->each)
		return ST_END;
	slot->each[i]++;
	return ST_OK;
}

/* Who this is in today's table. */
struct mark {
	uint64_t tag;
	size_t line;
};

static enum status find_mark(struct mark *mark, struct bound *bound, int32_t day,
			     const void *client, size_t len, const char *metric)
{
	unsigned char text[192], hash[crypto_shorthash_siphashx24_BYTES];
	size_t name = strlen(metric);
	uint64_t where;

	if (len + name + 1 > sizeof(text) || turn_to(bound, day) != ST_OK)
		return ST_UNAVAILABLE;
	memcpy(text, client, len);
	memcpy(text + len, metric, name + 1);
	crypto_shorthash_siphashx24(hash, text, len + name + 1, bound->table->head.key);
	sodium_memzero(text, sizeof(text));
	memcpy(&mark->tag, hash, sizeof(mark->tag));
	memcpy(&where, hash + sizeof(mark->tag), sizeof(where));
	mark->tag |= 1; /* 0 is free */
	mark->line = where % LINES;
	return ST_OK;
}

enum status bound_take(struct bound *bound, int32_t day, const void *client, size_t len,
		       const char *metric, uint32_t cell, const struct allowance *allowance)
{
	struct mark mark;

	if (find_mark(&mark, bound, day, client, len, metric) != ST_OK ||
	    !lock_line(bound, mark.line, F_WRLCK))
		return ST_UNAVAILABLE;
	struct slot *slot = slot_of(bound->table->lines[mark.line], mark.tag);
	enum status status =
	    slot ? take(slot, (uint16_t)(cell ^ cell >> 16), allowance) : ST_UNAVAILABLE;
	(void)lock_line(bound, mark.line, F_UNLCK);
	return status;
}

enum status bound_used(struct bound *bound, int32_t day, const void *client, size_t len,
		       const char *metric, uint64_t *used)
{
	struct mark mark;

	*used = 0;
	if (find_mark(&mark, bound, day, client, len, metric) != ST_OK ||
	    !lock_line(bound, mark.line, F_RDLCK))
		return ST_UNAVAILABLE;
	const struct slot *line = bound->table->lines[mark.line];
	for (size_t i = 0; i < LINE_SLOTS; i++)
		for (size_t c = 0; line[i].tag == mark.tag && c < line[i].cells; c++)
			*used += line[i].each[c];
	(void)lock_line(bound, mark.line, F_UNLCK);
	return ST_OK;
}
