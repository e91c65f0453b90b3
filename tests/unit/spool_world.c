/*
 * spool_world - see its header.
 */
#include "unit.h"

#include "spool_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "spool_walk.h"

struct world world;

static bool fails(void)
{
	unsigned call;

	pthread_mutex_lock(&world.lock);
	call = ++world.calls;
	pthread_mutex_unlock(&world.lock);
	if (!world.failing || call < world.failing || call >= world.failing + world.failures)
		return false;
	errno = world.way == WAY_EIO ? EIO : ENOSPC;
	return true;
}

static void note_synced(ino_t inode, off_t bytes)
{
	size_t i = 0;

	pthread_mutex_lock(&world.lock);
	world.syncs++;
	while (i < world.n_synced && world.synced[i].inode != inode)
		i++;
	assert_true(i < FILES);
	if (i == world.n_synced)
		world.n_synced++;
	world.synced[i].inode = inode;
	world.synced[i].bytes = bytes;
	pthread_mutex_unlock(&world.lock);
}

static ssize_t no_space(void)
{
	errno = ENOSPC;
	return -1;
}

#define REAL(type, name, ...) extern type __real_##name(__VA_ARGS__)
#define WRAP(type, name, ...)                                                                      \
	REAL(type, name, __VA_ARGS__);                                                             \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

WRAP(ssize_t, write, int fd, const void *data, size_t len)
{
	if (fd > STDERR_FILENO && world.full)
		return no_space();
	if (fd <= STDERR_FILENO || !fails())
		return __real_write(fd, data, len);
	if (world.way != WAY_SHORT)
		return -1;
	return len > 1 ? __real_write(fd, data, len / 2) : -1;
}

WRAP(ssize_t, writev, int fd, const struct iovec *parts, int n)
{
	if (world.full)
		return no_space();
	if (!fails())
		return __real_writev(fd, parts, n);
	return world.way == WAY_SHORT ? __real_writev(fd, parts, 1) : -1;
}

WRAP(ssize_t, pwrite, int fd, const void *data, size_t len, off_t offset)
{
	return fails() ? -1 : __real_pwrite(fd, data, len, offset);
}

WRAP(ssize_t, pread, int fd, void *data, size_t len, off_t offset)
{
	return fails() ? -1 : __real_pread(fd, data, len, offset);
}

extern int64_t __real_clock_wall_us(void);
int64_t __wrap_clock_wall_us(void);
int64_t __wrap_clock_wall_us(void)
{
	return world.frozen_us ? world.frozen_us : __real_clock_wall_us() + world.jump_us;
}

WRAP(int, fdatasync, int fd)
{
	struct stat st;

	if (fails() || fstat(fd, &st) < 0 || __real_fdatasync(fd) < 0)
		return -1;
	if (world.slow)
		(void)usleep(300);
	if (S_ISREG(st.st_mode))
		note_synced(st.st_ino, st.st_size);
	return 0;
}

WRAP(int, fsync, int fd)
{
	struct stat st;

	if (fails() || fstat(fd, &st) < 0 || __real_fsync(fd) < 0)
		return -1;
	if (S_ISREG(st.st_mode))
		note_synced(st.st_ino, st.st_size);
	return 0;
}

WRAP(int, ftruncate, int fd, off_t len)
{
	return fails() ? -1 : __real_ftruncate(fd, len);
}

WRAP(int, rename, const char *from, const char *to)
{
	return fails() ? -1 : __real_rename(from, to);
}

WRAP(int, unlink, const char *path)
{
	return fails() ? -1 : __real_unlink(path);
}

ssize_t world_write(int fd, const void *data, size_t len)
{
	return __real_write(fd, data, len);
}

ssize_t world_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return __real_pwrite(fd, data, len, offset);
}

int world_ftruncate(int fd, off_t len)
{
	return __real_ftruncate(fd, len);
}

const char *world_dir;
char world_checkpoint[PATH_MAX];
struct arena *world_arena;

int world_begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world_dir = fake_dir();
	(void)snprintf(world_checkpoint, sizeof(world_checkpoint), "%s/checkpoint", world_dir);
	world_arena = arena_new((size_t)32 << 20);
	return world_arena ? 0 : -1;
}

int world_end(void **state)
{
	(void)state;
	arena_free(world_arena);
	fake_remove(world_dir);
	return 0;
}

size_t world_event_bytes(unsigned number)
{
	return number % 5 == 4 ? 6000 : 200 + number * 17;
}

uint32_t world_append(enum spool_sync sync)
{
	struct spool_options options = fake_options(world_dir);
	uint32_t acknowledged = 0;
	struct spool *spool;

	options.sync = sync;
	options.segment_bytes = 8192;
	if (spool_open(&spool, &options, NULL) != ST_OK)
		return 0;
	for (unsigned i = 0; i < EVENTS; i++) {
		if (fake_append(spool, 1, i, world_event_bytes(i)) == ST_OK)
			acknowledged |= 1u << i;
	}
	spool_close(spool);
	return acknowledged;
}

static int see(void *context, const char *segment, uint64_t offset, const struct clean *clean,
	       const struct stamp *stamp)
{
	unsigned writer, number;

	(void)segment, (void)offset;
	assert_true(fake_parse(clean, &writer, &number));
	assert_true(writer == 1 && number < EVENTS && stamp->seq == number);
	*(uint32_t *)context |= 1u << number;
	return 0;
}

static int see_damage(void *context, const char *segment, uint64_t offset,
		      const struct clean *clean, const struct stamp *stamp)
{
	(void)context, (void)segment, (void)offset, (void)clean, (void)stamp;
	return 0;
}

uint32_t world_recover(void)
{
	struct spool_options options = fake_options(world_dir);
	uint32_t seen = 0;

	world.failing = 0;
	spool_close(fake_open(&options));
	assert_int_equal(spool_walk(world_dir, see, see_damage, &seen), ST_OK);
	return seen;
}

void world_cut_power(void)
{
	DIR *stream = opendir(fake_shelf(world_dir));
	const struct dirent *entry;

	assert_non_null(stream);
	while ((entry = readdir(stream))) {
		int fd = openat(dirfd(stream), entry->d_name, O_RDWR);
		off_t kept = 0, end;
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			(void)close(fd);
			continue;
		}
		for (size_t i = 0; i < world.n_synced; i++) {
			if (world.synced[i].inode == st.st_ino)
				kept = world.synced[i].bytes;
		}
		end = kept + (st.st_size > kept ? rand() % (st.st_size - kept + 1) : 0);
		assert_int_equal(world_ftruncate(fd, end), 0);
		/* The size may reach the disk before the bytes. */
		for (off_t at = kept; at < end; at += 512) {
			static const char zeros[512];
			size_t len = (size_t)(end - at < 512 ? end - at : 512);

			if (rand() % 4 == 0)
				assert_int_equal(world_pwrite(fd, zeros, len, at), len);
		}
		(void)close(fd);
	}
	(void)closedir(stream);
}
