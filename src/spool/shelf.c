/*
 * shelf - the directory is the only index there is: what a name says holds at once
 * for all processes, as rename() is atomic, and flock() says who owns a segment,
 * as it ends with its process.
 */
#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "reserve.h"
#include "scan.h"

#define STEM_LEN (SHELF_STEM - 1)
#define SWEEP_AGE_US (60 * US_PER_S)
/* A directory that changed less than this ago may have changed again unseen. */
#define MOVING_US (US_PER_S / 20)

static void close_quietly(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

bool shelf_name(const char *name, struct shelf_item *item)
{
	size_t hex = strspn(name, "0123456789abcdef");

	if (hex != 16 || name[16] != '-' || strspn(name + 17, "0123456789abcdef") != 8)
		return false;
	memset(item, 0, sizeof(*item));
	memcpy(item->stem, name, STEM_LEN);
	item->sealed = strcmp(name + STEM_LEN, ".sealed") == 0;
	return item->sealed || strcmp(name + STEM_LEN, ".open") == 0;
}

int64_t shelf_made_us(const char *stem)
{
	return (int64_t)strtoull(stem, NULL, 16);
}

enum status shelf_path(char path[SHELF_PATH], const char *dir, const char *stem, bool sealed)
{
	int len = snprintf(path, SHELF_PATH, "%s/%s%s", dir, stem, sealed ? ".sealed" : ".open");

	if (len > 0 && len < SHELF_PATH)
		return ST_OK;
	errno = ENAMETOOLONG;
	return ST_IO;
}

static int by_stem(const void *a, const void *b)
{
	const struct shelf_item *left = a, *right = b;

	return strcmp(left->stem, right->stem);
}

static enum status list_add(struct shelf_item **items, size_t *n, size_t *cap,
			    const struct shelf_item *item)
{
	if (*n == *cap) {
		size_t wanted = *cap ? 2 * *cap : 32;
		struct shelf_item *grown = realloc(*items, wanted * sizeof(**items));

		if (!grown)
			return ST_NO_MEMORY;
		*items = grown;
		*cap = wanted;
	}
	(*items)[(*n)++] = *item;
	return ST_OK;
}

/* Append what the directory holds now. *moving: it may have changed meanwhile. */
static enum status list_pass(const char *dir, struct shelf_item **items, size_t *n, size_t *cap,
			     bool *moving)
{
	DIR *stream = opendir(dir);
	enum status status = ST_OK;
	const struct dirent *entry;
	struct shelf_item item;
	struct stat st;

	if (!stream)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	while (status == ST_OK && (entry = readdir(stream))) {
		if (!shelf_name(entry->d_name, &item))
			continue;
		if (fstatat(dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISREG(st.st_mode))
			continue;
		item.bytes = (uint64_t)st.st_size;
		status = list_add(items, n, cap, &item);
	}
	*moving =
	    fstat(dirfd(stream), &st) < 0 ||
	    clock_wall_us() - (int64_t)st.st_mtim.tv_sec * US_PER_S - st.st_mtim.tv_nsec / 1000 <
		MOVING_US;
	(void)closedir(stream);
	return status;
}

/* Sorted, one item for each stem: the later sight of it. */
static size_t list_unique(struct shelf_item *items, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(items, n, sizeof(*items), by_stem);
	for (size_t i = 0; i < n; i++) {
		bool again = kept && strcmp(items[kept - 1].stem, items[i].stem) == 0;

		if (!again)
			items[kept++] = items[i];
		else if (items[i].sealed || items[i].bytes > items[kept - 1].bytes)
			items[kept - 1] = items[i];
	}
	return kept;
}

/*
 * A file that is renamed while readdir() goes on may be seen under neither name. It is
 * renamed only once, so a second pass sees all that the first one missed.
 */
enum status shelf_list(const char *dir, struct shelf_item **items, size_t *n)
{
	enum status status;
	bool moving;
	size_t cap = 0;

	*items = NULL;
	*n = 0;
	status = list_pass(dir, items, n, &cap, &moving);
	if (status == ST_OK && moving)
		status = list_pass(dir, items, n, &cap, &moving);
	*n = list_unique(*items, *n);
	if (status != ST_OK) {
		free(*items);
		*items = NULL;
		*n = 0;
	}
	return status;
}

/*
 * The umask may have taken the group's rights away. chmod() then loses the set-group-id
 * bit for a user outside that group, so it is only called where it is needed.
 */
enum status shelf_make(const char *dir)
{
	enum status status = file_mkdirs_shared(dir, 02770);
	char spool[PATH_MAX];
	struct stat st;

	if (status == ST_OK)
		status = file_parent(dir, spool);
	if (status != ST_OK)
		return status;
	reserve_keep(spool);
	if (stat(dir, &st) < 0)
		return ST_IO;
	if (st.st_uid == geteuid() && (st.st_mode & 02777) != 02770 && chmod(dir, 02770) < 0)
		return ST_IO;
	return ST_OK;
}

static enum status stem_make(char stem[SHELF_STEM], int64_t made_us)
{
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return ST_IO;
	(void)snprintf(stem, SHELF_STEM, "%016" PRIx64 "-%08" PRIx32, (uint64_t)made_us, random);
	return ST_OK;
}

/* `<stem>.new` until it is locked and has its header, so that nobody takes it for an orphan. */
static enum status new_path(char path[SHELF_PATH], const char *dir, const char *stem)
{
	int len = snprintf(path, SHELF_PATH, "%s/%s.new", dir, stem);

	if (len > 0 && len < SHELF_PATH)
		return ST_OK;
	errno = ENAMETOOLONG;
	return ST_IO;
}

static enum status segment_begin(int fd, const char *dir, const char *stem, const char *path,
				 const struct segment_head *head)
{
	enum status status;
	char named[SHELF_PATH];

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fchmod(fd, 0640) < 0)
		return ST_IO;
	status = segment_head_write(fd, head);
	if (status == ST_OK)
		status = shelf_path(named, dir, stem, false);
	if (status == ST_OK && rename(path, named) < 0)
		status = ST_IO;
	return status;
}

enum status shelf_create(const char *dir, const struct segment_head *head, bool durable,
			 char stem[SHELF_STEM], int *fd)
{
	enum status status = stem_make(stem, head->made_us);
	char path[SHELF_PATH];
	int flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC;
	int saved;

	if (status == ST_OK)
		status = new_path(path, dir, stem);
	if (status != ST_OK)
		return status;
	*fd = open(path, flags, 0640);
	if (*fd < 0 && errno == ENOENT && shelf_make(dir) == ST_OK)
		*fd = open(path, flags, 0640);
	if (*fd < 0)
		return ST_IO;
	status = segment_begin(*fd, dir, stem, path, head);
	if (status == ST_OK && durable)
		status = file_sync_dir(dir);
	if (status != ST_OK) {
		saved = errno;
		(void)unlink(path);
		(void)close(*fd);
		errno = saved;
	}
	return status;
}

void shelf_sweep(const char *dir)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	struct shelf_item item;
	char name[SHELF_STEM + 8];

	while (stream && (entry = readdir(stream))) {
		int fd;

		if (strlen(entry->d_name) != STEM_LEN + 4 ||
		    strcmp(entry->d_name + STEM_LEN, ".new") != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s.open", (int)STEM_LEN, entry->d_name);
		/* A young one may be about to be locked. */
		if (!shelf_name(name, &item) ||
		    shelf_made_us(item.stem) > clock_wall_us() - SWEEP_AGE_US)
			continue;
		fd = openat(dirfd(stream), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			(void)unlinkat(dirfd(stream), entry->d_name, 0);
		(void)close(fd);
	}
	if (stream)
		(void)closedir(stream);
}

enum status shelf_claim(const char *dir, const char *stem, int flags, int *fd)
{
	char path[SHELF_PATH];
	enum status status = shelf_path(path, dir, stem, false);
	struct stat mine, named;

	if (status != ST_OK)
		return status;
	*fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0)
		status = errno == EWOULDBLOCK ? ST_BUSY : ST_IO;
	else if (fstat(*fd, &mine) < 0)
		status = ST_IO;
	else if (stat(path, &named) < 0 || mine.st_ino != named.st_ino)
		/* Sealed or removed between open and lock. */
		status = ST_NOT_FOUND;
	if (status != ST_OK)
		close_quietly(*fd);
	return status;
}

enum status shelf_seal(const char *dir, const char *stem)
{
	char from[SHELF_PATH], to[SHELF_PATH];

	if (shelf_path(from, dir, stem, false) != ST_OK || shelf_path(to, dir, stem, true) != ST_OK)
		return ST_IO;
	if (rename(from, to) == 0)
		return ST_OK;
	return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
}

uint64_t shelf_frames(int fd)
{
	struct segment_head head;
	struct segment_mark mark;
	enum scan_result result;
	struct frame frame;
	struct scan scan;
	uint64_t frames = 0;
	struct stat st;

	if (segment_head_read(fd, &head, &mark) == ST_OK && fstat(fd, &st) == 0 &&
	    mark.bytes == (uint64_t)st.st_size)
		return mark.frames;
	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while ((result = scan_next(&scan, &frame)) <= SCAN_DAMAGE)
		frames += result == SCAN_FRAME;
	scan_rest(&scan);
	return frames;
}

enum status shelf_drop(const char *dir, uint64_t *frames)
{
	struct shelf_item *items;
	enum status status;
	char path[SHELF_PATH];
	size_t n;
	int fd;

	status = shelf_list(dir, &items, &n);
	if (status != ST_OK)
		return status;
	status = ST_NOT_FOUND;
	for (size_t i = 0; i < n && status == ST_NOT_FOUND; i++) {
		if (!items[i].sealed || shelf_path(path, dir, items[i].stem, true) != ST_OK)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		*frames = shelf_frames(fd);
		(void)close(fd);
		/* Who succeeds here is the one who counts it. */
		if (unlink(path) == 0)
			status = ST_OK;
	}
	free(items);
	return status;
}
