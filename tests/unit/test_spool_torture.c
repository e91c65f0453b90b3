/*
 * The file system fails: each call that writes, syncs, cuts, renames, reads or removes in
 * turn, in several ways; the disk is full for good; the clock jumps.
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

/* Read what there is, which is old enough to be ripe; mark what `mark` has. */
static uint32_t read_events(uint32_t mark, uint32_t *marked)
{
	struct spool_reader *reader;
	struct spool_place place;
	unsigned writer, number, attempts;
	struct clean *clean;
	struct stamp stamp;
	uint32_t seen = 0;

	arena_reset(world_arena);
	if (spool_reader_open(&reader, world_dir, world_checkpoint, NULL) != ST_OK)
		return 0;
	for (int idle = 0; idle < 3;) {
		if (spool_reader_next(reader, world_arena, &clean, &place, &stamp, &attempts) !=
		    ST_OK) {
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

static void append_with(enum spool_sync sync, enum way way, unsigned failures)
{
	unsigned calls;

	world.calls = 0;
	assert_int_equal(world_append(sync), (1u << EVENTS) - 1);
	calls = world.calls;
	assert_in_range(calls, EVENTS, 1000);
	for (unsigned i = 1; i <= calls; i++) {
		uint32_t acknowledged, seen;

		fake_remove(world_dir);
		world.calls = 0;
		world.n_synced = 0;
		world.failing = i;
		world.failures = failures;
		world.way = way;
		acknowledged = world_append(sync);
		/* Nothing may have been promised that was not synced. */
		if (sync == SPOOL_SYNC_ALWAYS && access(fake_shelf(world_dir), F_OK) == 0)
			world_cut_power();
		seen = world_recover();
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

		fake_remove(world_dir);
		world.failing = 0;
		world.n_synced = 0;
		assert_int_equal(world_append(SPOOL_SYNC_PROCESS), all);
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
	struct spool_options options = fake_options(world_dir);
	struct spool_reader *reader;
	struct spool_place place;
	unsigned attempts, n = 0;
	struct clean *clean;
	struct spool *spool;

	(void)state;
	assert_int_equal(world_append(SPOOL_SYNC_PROCESS), (1u << EVENTS) - 1);
	world.full = true;
	spool = fake_open(&options);
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_FULL);
	assert_int_equal(spool_reader_open(&reader, world_dir, world_checkpoint, NULL), ST_OK);
	for (int64_t until_us = clock_mono_us() + 10 * US_PER_S;
	     n < EVENTS && clock_mono_us() < until_us;) {
		arena_reset(world_arena);
		if (spool_reader_next(reader, world_arena, &clean, &place, NULL, &attempts) !=
		    ST_OK)
			continue;
		assert_int_equal(spool_reader_done(reader, &place, 1), ST_IO);
		n++;
	}
	assert_int_equal(n, EVENTS);
	assert_int_equal(spool_reader_next(reader, world_arena, &clean, &place, NULL, &attempts),
			 ST_END);
	assert_int_equal(spool_reader_tick(reader), ST_IO);
	assert_int_equal(fake_segments(world_dir, ".sealed", NULL), 0);
	world.full = false;
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	spool_close(spool);
	spool_reader_close(reader);
}

static void an_event_is_held_until_writers_settled(void **state)
{
	struct spool_options options = fake_options(world_dir);
	struct spool *spool = fake_open(&options);
	int64_t now_us = clock_wall_us();
	struct spool_reader *reader;
	struct spool_place place;
	unsigned attempts;
	struct clean *clean;

	(void)state;
	world.frozen_us = now_us;
	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	assert_int_equal(spool_reader_open(&reader, world_dir, world_checkpoint, NULL), ST_OK);
	for (int64_t age_us = 0; age_us < 20000; age_us += 1999) {
		world.frozen_us = now_us + age_us;
		assert_int_equal(
		    spool_reader_next(reader, world_arena, &clean, &place, NULL, &attempts),
		    ST_END);
	}
	world.frozen_us = now_us + 20000;
	assert_int_equal(spool_reader_next(reader, world_arena, &clean, &place, NULL, &attempts),
			 ST_OK);
	spool_reader_close(reader);
	spool_close(spool);
}

/* Events come out within a second of theirs, whatever the clock does meanwhile. */
static void a_clock_that_jumps_delays_nothing(void **state)
{
	static const int64_t jumps_us[] = {
	    0, -3600 * US_PER_S, 7200 * US_PER_S, -86400 * US_PER_S, -1 * US_PER_S, 3 * US_PER_S};
	struct spool_options options = fake_options(world_dir);
	struct spool *spools[2] = {fake_open(&options), NULL};
	struct spool_reader *reader;

	(void)state;
	assert_int_equal(spool_reader_open(&reader, world_dir, world_checkpoint, NULL), ST_OK);
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

			arena_reset(world_arena);
			status =
			    spool_reader_next(reader, world_arena, &clean, &place, NULL, &attempts);
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

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_begin, world_end)
	const struct CMUnitTest tests[] = {
	    TEST(an_acknowledged_event_outlasts_any_failing_call),
	    TEST(an_event_that_is_not_marked_outlasts_any_failing_call),
	    TEST(a_full_disk_is_drained),
	    TEST(an_event_is_held_until_writers_settled),
	    TEST(a_clock_that_jumps_delays_nothing),
	};
#undef TEST

	srand((unsigned)getpid());
	log_open(open("/dev/null", O_WRONLY), "test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
