/*
 * The file system fails: each call that writes, syncs, cuts, renames, opens or removes
 * in turn, in several ways; and the power goes, which keeps what was synced and any part
 * of the rest. The calls are intercepted by the linker (--wrap).
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reader.h"
#include "scan.h"
#include "segment.h"
#include "spool_fake.h"
#include "spool_walk.h"

#define EVENTS 24
#define FILES 64

enum way { WAY_NONE, WAY_EIO, WAY_ENOSPC, WAY_SHORT };

/* Which call fails and how; what was synced of which file. */
static struct {
	pthread_mutex_t lock;
	unsigned calls, syncs;
	unsigned failing;  /* the how manieth, 0: none */
	unsigned failures; /* how many in a row */
	enum way way;
	bool full;		    /* the disk, for good */
	int64_t jump_us, frozen_us; /* of the wall clock */
	bool slow;		    /* a sync takes as long as on a disk */
	struct {
		ino_t inode;
		off_t bytes;
	} synced[FILES];
	size_t n_synced;
} world;

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

static const char *dir;
static char checkpoint[PATH_MAX];
static struct arena *arena;

static int make_dir(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	dir = fake_dir();
	(void)snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", dir);
	arena = arena_new((size_t)32 << 20);
	return arena ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	arena_free(arena);
	fake_remove(dir);
	return 0;
}

static size_t size_of_event(unsigned number)
{
	return number % 5 == 4 ? 6000 : 200 + number * 17;
}

/* Append EVENTS; a bit for each that was acknowledged. */
static uint32_t append_events(enum spool_sync sync)
{
	struct spool_options options = fake_options(dir);
	uint32_t acknowledged = 0;
	struct spool *spool;

	options.sync = sync;
	options.segment_bytes = 8192;
	if (spool_open(&spool, &options, NULL) != ST_OK)
		return 0;
	for (unsigned i = 0; i < EVENTS; i++) {
		if (fake_append(spool, 1, i, size_of_event(i)) == ST_OK)
			acknowledged |= 1u << i;
	}
	spool_close(spool);
	return acknowledged;
}

/* Read what there is, which is old enough to be ripe; mark what `mark` has. */
static uint32_t read_events(uint32_t mark, uint32_t *marked)
{
	struct spool_reader *reader;
	struct spool_place place;
	unsigned writer, number, attempts;
	struct clean *clean;
	struct stamp stamp;
	uint32_t seen = 0;

	arena_reset(arena);
	if (spool_reader_open(&reader, dir, checkpoint, NULL) != ST_OK)
		return 0;
	for (int idle = 0; idle < 3;) {
		if (spool_reader_next(reader, arena, &clean, &place, &stamp, &attempts) != ST_OK) {
			idle++;
			continue;
		}
		assert_true(fake_parse(clean, &writer, &number));
		assert_true(writer == 1 && number < EVENTS && stamp.seq == number);
		seen |= 1u << number;
		if (mark >> number & 1 && spool_reader_done(reader, &place, 1) == ST_OK && marked)
			*marked |= 1u << number;
	}
	for (int i = 0; i < 2; i++)
		(void)!spool_reader_tick(reader);
	spool_reader_close(reader);
	return seen;
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

/* Nothing fails any more: the next process sees to what is left; what is there then? */
static uint32_t recover(void)
{
	struct spool_options options = fake_options(dir);
	uint32_t seen = 0;

	world.failing = 0;
	spool_close(fake_open(&options));
	assert_int_equal(spool_walk(dir, see, see_damage, &seen), ST_OK);
	return seen;
}

/* The power goes: of each segment what was synced is kept, and any part of the rest. */
static void cut_power(const char *shelf)
{
	DIR *stream = opendir(shelf);
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
		assert_int_equal(__real_ftruncate(fd, end), 0);
		/* The size may reach the disk before the bytes. */
		for (off_t at = kept; at < end; at += 512) {
			static const char zeros[512];
			size_t len = (size_t)(end - at < 512 ? end - at : 512);

			if (rand() % 4 == 0)
				assert_int_equal(__real_pwrite(fd, zeros, len, at), len);
		}
		(void)close(fd);
	}
	(void)closedir(stream);
}

static void append_with(enum spool_sync sync, enum way way, unsigned failures)
{
	unsigned calls;

	world.calls = 0;
	assert_int_equal(append_events(sync), (1u << EVENTS) - 1);
	calls = world.calls;
	assert_in_range(calls, EVENTS, 1000);
	for (unsigned i = 1; i <= calls; i++) {
		uint32_t acknowledged, seen;

		fake_remove(dir);
		world.calls = 0;
		world.n_synced = 0;
		world.failing = i;
		world.failures = failures;
		world.way = way;
		acknowledged = append_events(sync);
		/* Nothing may have been promised that was not synced. */
		if (sync == SPOOL_SYNC_ALWAYS && access(fake_shelf(dir), F_OK) == 0)
			cut_power(fake_shelf(dir));
		seen = recover();
		assert_int_equal(acknowledged & ~seen, 0);
		/* One failure costs no more than what it met. */
		if (failures == 1 && acknowledged)
			assert_true(__builtin_popcount(acknowledged) >= EVENTS - 2);
	}
}

static void an_acknowledged_event_outlasts_any_failing_call(void **state)
{
	(void)state;
	for (enum way way = WAY_EIO; way <= WAY_SHORT; way++) {
		append_with(SPOOL_SYNC_PROCESS, way, 1);
		append_with(SPOOL_SYNC_PROCESS, way, 7);
	}
	append_with(SPOOL_SYNC_ALWAYS, WAY_EIO, 1);
	append_with(SPOOL_SYNC_ALWAYS, WAY_SHORT, 5);
}

static void read_with(enum way way, unsigned failures)
{
	const uint32_t all = (1u << EVENTS) - 1, some = 0x00f5a5a5;
	unsigned calls = 1;

	for (unsigned i = 1; i <= calls; i++) {
		uint32_t marked = 0, seen, again;

		fake_remove(dir);
		world.failing = 0;
		world.n_synced = 0;
		assert_int_equal(append_events(SPOOL_SYNC_PROCESS), all);
		/* Until all of it is ripe. */
		for (int64_t ripe_us = clock_wall_us() + 25000; clock_wall_us() < ripe_us;)
			(void)usleep(1000);
		world.calls = 0;
		world.failing = i;
		world.failures = failures;
		world.way = way;
		seen = read_events(some, &marked);
		if (i == 1)
			calls = world.calls;
		world.failing = 0;
		again = read_events(0, NULL);
		assert_int_equal(seen | again, all);
		/* A mark whose journalling failed was not promised, and may hold all the same. */
		assert_int_equal(again & ~some, all & ~some);
		assert_int_equal(again & marked, 0);
	}
}

static void an_event_that_is_not_marked_outlasts_any_failing_call(void **state)
{
	(void)state;
	read_with(WAY_EIO, 1);
	read_with(WAY_ENOSPC, 6);
	read_with(WAY_SHORT, 3);
}

/* The forwarder makes the room that all wait for, even if it cannot write a mark. */
static void a_full_disk_is_drained(void **state)
{
	struct spool_options options = fake_options(dir);
	struct spool_reader *reader;
	struct spool_place place;
	unsigned attempts, n = 0;
	struct clean *clean;
	struct spool *spool;

	(void)state;
	assert_int_equal(append_events(SPOOL_SYNC_PROCESS), (1u << EVENTS) - 1);
	world.full = true;
	spool = fake_open(&options);
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_FULL);
	assert_int_equal(spool_reader_open(&reader, dir, checkpoint, NULL), ST_OK);
	for (int64_t until_us = clock_mono_us() + 10 * US_PER_S;
	     n < EVENTS && clock_mono_us() < until_us;) {
		arena_reset(arena);
		if (spool_reader_next(reader, arena, &clean, &place, NULL, &attempts) != ST_OK)
			continue;
		assert_int_equal(spool_reader_done(reader, &place, 1), ST_IO);
		n++;
	}
	assert_int_equal(n, EVENTS);
	assert_int_equal(spool_reader_next(reader, arena, &clean, &place, NULL, &attempts), ST_END);
	assert_int_equal(spool_reader_tick(reader), ST_IO);
	assert_int_equal(fake_segments(dir, ".sealed", NULL), 0);
	world.full = false;
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	spool_close(spool);
	spool_reader_close(reader);
}

static void an_event_is_held_until_writers_settled(void **state)
{
	struct spool_options options = fake_options(dir);
	struct spool *spool = fake_open(&options);
	int64_t now_us = clock_wall_us();
	struct spool_reader *reader;
	struct spool_place place;
	unsigned attempts;
	struct clean *clean;

	(void)state;
	world.frozen_us = now_us;
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	assert_int_equal(spool_reader_open(&reader, dir, checkpoint, NULL), ST_OK);
	for (int64_t age_us = 0; age_us < 20000; age_us += 1999) {
		world.frozen_us = now_us + age_us;
		assert_int_equal(spool_reader_next(reader, arena, &clean, &place, NULL, &attempts),
				 ST_END);
	}
	world.frozen_us = now_us + 20000;
	assert_int_equal(spool_reader_next(reader, arena, &clean, &place, NULL, &attempts), ST_OK);
	spool_reader_close(reader);
	spool_close(spool);
}

/* Events come out within a second of theirs, whatever the clock does meanwhile. */
static void a_clock_that_jumps_delays_nothing(void **state)
{
	static const int64_t jumps_us[] = {
	    0, -3600 * US_PER_S, 7200 * US_PER_S, -86400 * US_PER_S, -1 * US_PER_S, 3 * US_PER_S};
	struct spool_options options = fake_options(dir);
	struct spool *spools[2] = {fake_open(&options), NULL};
	struct spool_reader *reader;

	(void)state;
	assert_int_equal(spool_reader_open(&reader, dir, checkpoint, NULL), ST_OK);
	for (unsigned i = 0; i < sizeof(jumps_us) / sizeof(jumps_us[0]); i++) {
		unsigned left = 6;
		int64_t until_us;

		/* Before the jump and after it, into an old segment and a new one. */
		for (unsigned n = 0; n < left / 2; n++)
			assert_int_equal(fake_append(spools[0], 1, n, 300), ST_OK);
		world.jump_us = jumps_us[i];
		spools[1] = fake_open(&options);
		for (unsigned n = left / 2; n < left; n++)
			assert_int_equal(fake_append(spools[n % 2], 1, n, 300), ST_OK);
		until_us = clock_mono_us() + US_PER_S;
		while (left && clock_mono_us() < until_us) {
			struct spool_place place;
			unsigned attempts;
			struct clean *clean;
			enum status status;

			arena_reset(arena);
			status = spool_reader_next(reader, arena, &clean, &place, NULL, &attempts);
			if (status == ST_OK)
				status = spool_reader_done(reader, &place, 1);
			left -= status == ST_OK;
		}
		assert_int_equal(left, 0);
		assert_int_equal(spool_reader_tick(reader), ST_OK);
		spool_close(spools[1]);
	}
	spool_close(spools[0]);
	spool_reader_close(reader);
}

/* A process that appends and is killed, with the synced lengths told through a pipe. */
static uint32_t append_and_die(enum spool_sync sync)
{
	uint32_t acknowledged = 0;
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct spool_options options = fake_options(dir);
		struct spool *spool;

		options.sync = sync;
		options.segment_bytes = 8192;
		spool = fake_open(&options);
		for (unsigned i = 0; i < EVENTS; i++) {
			if (fake_append(spool, 1, i, size_of_event(i)) == ST_OK)
				acknowledged |= 1u << i;
		}
		(void)!__real_write(pipes[1], &acknowledged, sizeof(acknowledged));
		(void)!__real_write(pipes[1], &world, sizeof(world));
		_exit(0);
	}
	(void)close(pipes[1]);
	assert_int_equal(read(pipes[0], &acknowledged, sizeof(acknowledged)), sizeof(acknowledged));
	assert_int_equal(read(pipes[0], &world, sizeof(world)), sizeof(world));
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return acknowledged;
}

static void always_outlasts_the_power(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		uint32_t acknowledged, seen;

		fake_remove(dir);
		memset(&world, 0, sizeof(world));
		acknowledged = append_and_die(SPOOL_SYNC_ALWAYS);
		assert_int_equal(acknowledged, (1u << EVENTS) - 1);
		cut_power(fake_shelf(dir));
		seen = recover();
		assert_int_equal(seen, acknowledged);
	}
}

/* Is the event in what was synced of the one segment? */
static bool is_synced(unsigned writer, unsigned number)
{
	int fd = open(fake_segment(dir, ".open"), O_RDONLY);
	struct frame frame;
	struct scan scan;
	struct stat st;
	off_t synced = 0;
	bool found = false;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	pthread_mutex_lock(&world.lock);
	for (size_t i = 0; i < world.n_synced; i++) {
		if (world.synced[i].inode == st.st_ino)
			synced = world.synced[i].bytes;
	}
	pthread_mutex_unlock(&world.lock);
	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while (!found && scan_next(&scan, &frame) == SCAN_FRAME && scan.pos <= (uint64_t)synced)
		found = frame.stamp.lane == writer && frame.stamp.seq == number;
	scan_rest(&scan);
	(void)close(fd);
	return found;
}

struct member {
	struct spool *spool;
	unsigned writer, unsynced;
	pthread_t thread;
};

static void *append_as_member(void *context)
{
	struct member *member = context;

	for (unsigned i = 0; i < 40; i++) {
		if (fake_append(member->spool, member->writer, i, 300) != ST_OK ||
		    !is_synced(member->writer, i))
			member->unsynced++;
	}
	return NULL;
}

static void a_group_is_synced_before_it_is_answered(void **state)
{
	struct spool_options options = fake_options(dir);
	struct member members[8];

	(void)state;
	world.slow = true;
	options.sync = SPOOL_SYNC_ALWAYS;
	members[0].spool = fake_open(&options);
	for (unsigned i = 0; i < 8; i++) {
		members[i] = (struct member){members[0].spool, i, 0, 0};
		assert_int_equal(
		    pthread_create(&members[i].thread, NULL, append_as_member, &members[i]), 0);
	}
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(members[i].thread, NULL), 0);
		assert_int_equal(members[i].unsynced, 0);
	}
	/* In groups: fewer syncs than events. */
	assert_in_range(world.syncs, 1, 8 * 40 - 1);
	spool_close(members[0].spool);
}

/* Without a sync the power may take events, but what comes out is whole. */
static void process_loses_events_but_tears_none(void **state)
{
	unsigned kept = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		fake_remove(dir);
		memset(&world, 0, sizeof(world));
		(void)append_and_die(SPOOL_SYNC_PROCESS);
		cut_power(fake_shelf(dir));
		kept += (unsigned)__builtin_popcount(recover());
	}
	assert_in_range(kept, 1, 40 * EVENTS - 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
	    TEST(an_acknowledged_event_outlasts_any_failing_call),
	    TEST(an_event_that_is_not_marked_outlasts_any_failing_call),
	    TEST(a_full_disk_is_drained),
	    TEST(an_event_is_held_until_writers_settled),
	    TEST(a_clock_that_jumps_delays_nothing),
	    TEST(always_outlasts_the_power),
	    TEST(a_group_is_synced_before_it_is_answered),
	    TEST(process_loses_events_but_tears_none),
	};
#undef TEST

	srand((unsigned)getpid());
	log_open(open("/dev/null", O_WRONLY), "test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
