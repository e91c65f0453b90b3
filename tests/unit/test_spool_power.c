/*
 * The power goes, in each mode of syncing: what was synced is kept, and any part of the
 * rest may be.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reader.h"
#include "scan.h"
#include "spool_world.h"

/* Until the segment that is open was synced as it is. */
static void await_sync(void)
{
	int64_t until_us = clock_mono_us() + 10 * US_PER_S;
	struct stat st;
	bool synced = false;

	assert_int_equal(stat(fake_segment(world_dir, ".open"), &st), 0);
	while (!synced && clock_mono_us() < until_us) {
		(void)usleep(1000);
		pthread_mutex_lock(&world.lock);
		for (size_t i = 0; i < world.n_synced; i++)
			synced = synced || (world.synced[i].inode == st.st_ino &&
					    world.synced[i].bytes == st.st_size);
		pthread_mutex_unlock(&world.lock);
	}
}

/* A process that appends and is killed, with the synced lengths told through a pipe. */
static uint32_t append_and_die(enum spool_sync sync, unsigned await_sync_after)
{
	uint32_t acknowledged = 0;
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct spool_options options = fake_options(world_dir);
		struct spool *spool;

		options.sync = sync;
		options.segment_bytes = 8192;
		spool = fake_open(&options);
		for (unsigned i = 0; i < EVENTS; i++) {
			if (fake_append(spool, 1, i, world_event_bytes(i)) == ST_OK)
				acknowledged |= 1u << i;
			if (i + 1 == await_sync_after)
				await_sync();
		}
		(void)!world_write(pipes[1], &acknowledged, sizeof(acknowledged));
		pthread_mutex_lock(&world.lock);
		(void)!world_write(pipes[1], &world, sizeof(world));
		pthread_mutex_unlock(&world.lock);
		_exit(0);
	}
	(void)close(pipes[1]);
	assert_int_equal(read(pipes[0], &acknowledged, sizeof(acknowledged)), sizeof(acknowledged));
	assert_int_equal(read(pipes[0], &world, sizeof(world)), sizeof(world));
	world.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return acknowledged;
}

static void always_outlasts_the_power(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		uint32_t acknowledged, seen;

		fake_remove(world_dir);
		memset(&world, 0, sizeof(world));
		acknowledged = append_and_die(SPOOL_SYNC_ALWAYS, 0);
		assert_int_equal(acknowledged, (1u << EVENTS) - 1);
		world_cut_power();
		seen = world_recover();
		assert_int_equal(seen, acknowledged);
	}
}

/* Is the event in what was synced of the one segment? */
static bool is_synced(unsigned writer, unsigned number)
{
	int fd = open(fake_segment(world_dir, ".open"), O_RDONLY);
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
	struct spool_options options = fake_options(world_dir);
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

/* What is older than the last sync, which comes by itself within a second or so. */
static void interval_outlasts_the_power_up_to_the_last_sync(void **state)
{
	const unsigned before = 3;
	uint32_t acknowledged;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake_remove(world_dir);
		memset(&world, 0, sizeof(world));
		acknowledged = append_and_die(SPOOL_SYNC_INTERVAL, before);
		assert_int_equal(acknowledged, (1u << EVENTS) - 1);
		world_cut_power();
		assert_int_equal(world_recover() & ((1u << before) - 1), (1u << before) - 1);
	}
}

/* Without a sync the power may take events, but what comes out is whole. */
static void process_loses_events_but_tears_none(void **state)
{
	unsigned kept = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		fake_remove(world_dir);
		memset(&world, 0, sizeof(world));
		(void)append_and_die(SPOOL_SYNC_PROCESS, 0);
		world_cut_power();
		kept += (unsigned)__builtin_popcount(world_recover());
	}
	assert_in_range(kept, 1, 40 * EVENTS - 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_begin, world_end)
	const struct CMUnitTest tests[] = {
	    TEST(always_outlasts_the_power),
	    TEST(interval_outlasts_the_power_up_to_the_last_sync),
	    TEST(a_group_is_synced_before_it_is_answered),
	    TEST(process_loses_events_but_tears_none),
	};
#undef TEST

	srand((unsigned)getpid());
	log_open(open("/dev/null", O_WRONLY), "test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
