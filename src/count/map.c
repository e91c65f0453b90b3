/*
 * map - see map.h.
 *
 * A file is made under LOCK_TABLE and its ready word is set last, so one whose maker was
 * killed half-way is made again by the next process. A file of another version, or damaged,
 * is set aside: an upgrade must not stop events from being taken.
 */
#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clean.h"
#include "counters.h"
#include "file.h"
#include "log.h"

#define TEXT_PER_ROUTE 96
#define TRIES_MAX 8 /* at a path whose file others replace meanwhile */

_Static_assert(METRICS <= 64, "metrics have 64 words");
_Static_assert(CLEAN_TYPES <= 8, "types have 8 words");
_Static_assert(REPAIRS <= 32, "repairs have 32 words");
_Static_assert(CLEAN_CLASSES <= 32, "classes have 32 words");
_Static_assert(4 + CLEAN_CLASSES + REPAIRS <= REDO_MAX, "an event fits a redo record");

/* Changes when a row or a bound is: then cells mean something else. */
static uint64_t rows_hash(void)
{
	static const char rows[] =
#define METRIC(id, kind, name, label, value, help) #id ","
#include "metric.def"
#undef METRIC
#define REPAIR(name, label, help) #name ","
#include "repair.def"
#undef REPAIR
	    ;
	static const uint64_t bounds = (uint64_t)LANES_MAX << 32 | SERIES_MAX << 8 | UNRESOLVED_MAX;
	uint64_t hash = UINT64_C(14695981039346656037) ^ bounds;

	for (size_t i = 0; i < sizeof rows; i++)
		hash = (hash ^ (unsigned char)rows[i]) * UINT64_C(1099511628211);
	return hash;
}

static int lock_byte(const struct map *map, int command, int type, int64_t at)
{
	struct flock lock = {
	    .l_type = (short)type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
	int rc;

	do
		rc = fcntl(map->fd, command, &lock);
	while (rc < 0 && errno == EINTR);
	return rc;
}

enum status map_lock(struct map *map)
{
	pthread_mutex_lock(&map->mutex);
	if (lock_byte(map, F_OFD_SETLKW, F_WRLCK, LOCK_TABLE) == 0)
		return ST_OK;
	pthread_mutex_unlock(&map->mutex);
	return ST_IO;
}

void map_unlock(struct map *map)
{
	(void)lock_byte(map, F_OFD_SETLK, F_UNLCK, LOCK_TABLE);
	pthread_mutex_unlock(&map->mutex);
}

enum status map_lock_lane(struct map *map, uint32_t lane)
{
	uint64_t bit = UINT64_C(1) << (lane % 64);

	if (map->held[lane / 64] & bit)
		return ST_BUSY;
	if (lock_byte(map, F_OFD_SETLK, F_WRLCK, LOCK_LANES + lane) < 0)
		return errno == EAGAIN || errno == EACCES ? ST_BUSY : ST_IO;
	map->held[lane / 64] |= bit;
	return ST_OK;
}

void map_unlock_lane(struct map *map, uint32_t lane)
{
	(void)lock_byte(map, F_OFD_SETLK, F_UNLCK, LOCK_LANES + lane);
	map->held[lane / 64] &= ~(UINT64_C(1) << (lane % 64));
}

enum status map_allocate(struct map *map, uint64_t word, uint64_t words)
{
	int error;

	do
		error = posix_fallocate(map->fd, (off_t)(word * 8), (off_t)(words * 8));
	while (error == EINTR);
	errno = error;
	return error == 0 ? ST_OK : ST_IO;
}

bool map_holds(const struct map *map, uint64_t word)
{
	off_t at = (off_t)(word * 8);

	return !map->in_memory || lseek(map->fd, at, SEEK_DATA) == at;
}

enum status map_grow(struct map *map, uint32_t *lane)
{
	uint64_t n = map_lanes(map);
	enum status st;

	if (n >= LANES_MAX)
		return ST_BUSY;
	if (ftruncate(map->fd, (off_t)(layout_lane(&map->layout, n + 1) * 8)) < 0)
		return ST_IO;
	st = map_allocate(map, layout_lane(&map->layout, n), map->layout.lane_series);
	if (st != ST_OK)
		return st;
	atomic_store_explicit(&map->words[AT_LANES], n + 1, memory_order_release);
	*lane = (uint32_t)n;
	return ST_OK;
}

static enum status map_view(struct map *map)
{
	int prot = map->writable ? PROT_READ | PROT_WRITE : PROT_READ;
	struct statfs fs;
	void *view;

	map->in_memory = fstatfs(map->fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
	map->extent = layout_lane(&map->layout, LANES_MAX) * 8;
	view = mmap(NULL, map->extent, prot, MAP_SHARED | MAP_NORESERVE, map->fd, 0);
	if (view == MAP_FAILED)
		return ST_IO;
	map->base = view;
	map->words = view;
	return ST_OK;
}

/* Names the file that all is allocated in: a copy has holes where the first one had zeros. */
static uint64_t map_identity(const struct map *map)
{
	struct stat about;

	return fstat(map->fd, &about) == 0 ? about.st_ino ^ (uint64_t)about.st_dev << 32 : 0;
}

/* What is there stays as it is; a file system without fallocate() is left alone. */
static enum status map_fill(const struct map *map, uint64_t word, uint64_t words)
{
	int rc;

	do
		rc = fallocate(map->fd, 0, (off_t)(word * 8), (off_t)(words * 8));
	while (rc < 0 && errno == EINTR);
	return rc == 0 || errno == EOPNOTSUPP || errno == ENOSYS ? ST_OK : ST_IO;
}

/* With LOCK_TABLE held: no hole but in the series of lanes, whose pages come one by one. */
static enum status map_fill_all(struct map *map)
{
	uint64_t identity = map_identity(map);
	enum status st;

	if (map_get(map, AT_IDENTITY) == identity)
		return ST_OK;
	st = map_fill(map, 0, map->layout.lanes);
	for (uint64_t lane = 0; st == ST_OK && lane < map_lanes(map); lane++)
		st = map_fill(map, layout_lane(&map->layout, lane), map->layout.lane_series);
	if (st == ST_OK)
		map_set(map, AT_IDENTITY, identity);
	return st;
}

static enum status map_make(struct map *map, uint64_t routes)
{
	uint32_t lane;
	uint64_t epoch;
	enum status st;

	map->layout = layout_make(1 + TEMPLATES_MAX + routes,
				  (TEMPLATES_MAX + routes) * TEXT_PER_ROUTE / 8 * 8);
	if (ftruncate(map->fd, 0) < 0 || fchmod(map->fd, 0660) < 0 ||
	    ftruncate(map->fd, (off_t)(map->layout.lanes * 8)) < 0)
		return ST_IO;
	st = map_allocate(map, 0, map->layout.lanes);
	if (st == ST_OK)
		st = map_view(map);
	if (st != ST_OK)
		return st;
	if (getrandom(&epoch, sizeof epoch, 0) != (ssize_t)sizeof epoch)
		return ST_IO;
	map_set(map, AT_MAGIC, COUNTERS_MAGIC);
	map_set(map, AT_VERSION, COUNTERS_VERSION);
	map_set(map, AT_ROWS, rows_hash());
	map_set(map, AT_EPOCH, epoch | 1);
	map_set(map, AT_ROUTES, map->layout.route_slots);
	map_set(map, AT_TEXT_BYTES, map->layout.text_bytes);
	map_set(map, AT_IDENTITY, map_identity(map));
	st = map_grow(map, &lane); /* lane 0: what is recounted */
	if (st == ST_OK)
		atomic_store_explicit(&map->words[AT_READY], 1, memory_order_release);
	return st;
}

static enum status map_check(struct map *map, const uint64_t *header, off_t size,
			     struct reason *why)
{
	enum status st;

	if (header[AT_MAGIC] != COUNTERS_MAGIC || header[AT_VERSION] != COUNTERS_VERSION ||
	    header[AT_ROWS] != rows_hash() || header[AT_ROUTES] > UINT32_MAX ||
	    header[AT_TEXT_BYTES] > UINT32_MAX || header[AT_LANES] > LANES_MAX)
		return reason_set(why, ST_CORRUPT, "the counters are of another version of tamis");
	map->layout = layout_make(header[AT_ROUTES], header[AT_TEXT_BYTES]);
	if (size < (off_t)(layout_lane(&map->layout, header[AT_LANES]) * 8))
		return reason_set(why, ST_CORRUPT, "the counters file was cut");
	st = map_view(map);
	return st == ST_OK && map->writable ? map_fill_all(map) : st;
}

/* With LOCK_TABLE held, or read-only. */
static enum status map_enter(struct map *map, uint64_t routes, struct reason *why)
{
	uint64_t header[AT_READY + 1] = {0};
	struct stat about;
	ssize_t got = pread(map->fd, header, sizeof header, 0);

	if (got < 0 || fstat(map->fd, &about) < 0)
		return ST_IO;
	if (header[AT_READY] != 1 && map->writable)
		return map_make(map, routes);
	return map_check(map, header, about.st_size, why);
}

bool map_is_at(const struct map *map, const char *path)
{
	struct stat open_one, there;

	return fstat(map->fd, &open_one) == 0 && stat(path, &there) == 0 &&
	       open_one.st_ino == there.st_ino && open_one.st_dev == there.st_dev;
}

/*
 * Give way to a new file. With LOCK_TABLE held, and only while the path still leads here:
 * of two processes that find the same old file the second must not move the first one's.
 */
static enum status map_set_aside(const struct map *map, const char *path)
{
	char old[PATH_MAX];
	int len = snprintf(old, sizeof old, "%s.old", path);

	if (len < 0 || len >= (int)sizeof old) {
		errno = ENAMETOOLONG;
		return ST_IO;
	}
	if (!map_is_at(map, path))
		return ST_OK;
	if (rename(path, old) < 0)
		return ST_IO;
	log_notice("counters: a file of another version, or damaged, was set aside as %s; "
		   "totals begin anew",
		   old);
	return ST_OK;
}

/* ST_END: the file was set aside, by this process or another; the path leads to no such file now.
 */
static enum status map_try(struct map *map, const struct map_source *from, struct reason *why)
{
	const char *path = from->path;
	enum status st;

	map->fd = file_open_shared(path, O_RDWR, 0660);
	map->writable = map->fd >= 0;
	if (map->fd < 0 && (errno == EACCES || errno == EROFS))
		map->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (map->fd < 0)
		return ST_IO;
	if (!map->writable)
		return map_enter(map, from->routes, why);
	st = map_lock(map);
	if (st != ST_OK)
		return st;
	st = map_is_at(map, path) ? map_enter(map, from->routes, why) : ST_END;
	if (st == ST_CORRUPT && !from->yields)
		st = map_set_aside(map, path) == ST_OK ? ST_END : ST_IO;
	map_unlock(map);
	return st;
}

static void map_leave(struct map *map)
{
	if (map->base)
		munmap(map->base, map->extent);
	if (map->fd >= 0)
		close(map->fd);
	map->base = NULL;
	map->fd = -1;
}

enum status map_open(struct map *map, const struct map_source *from, struct reason *why)
{
	enum status st = ST_END;

	*map = (struct map){.fd = -1};
	pthread_mutex_init(&map->mutex, NULL);
	for (int tries = 0; st == ST_END && tries < TRIES_MAX; tries++) {
		st = map_try(map, from, why);
		if (st == ST_END)
			map_leave(map);
	}
	if (st == ST_END)
		st = reason_set(why, ST_BUSY, "the file is replaced again and again");
	if (st == ST_IO)
		reason_set(why, st, "%s: %s", from->path, strerror(errno));
	else if (st != ST_OK)
		reason_prefix(why, "%s", from->path);
	if (st != ST_OK)
		map_close(map);
	return st;
}

void map_close(struct map *map)
{
	map_leave(map);
	pthread_mutex_destroy(&map->mutex);
}
