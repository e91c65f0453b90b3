#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "spool_dir.h"
#include "spool_fake.h"

static void a_full_spool_refuses_until_there_is_room(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *spool;
	enum status status;
	uint64_t sealed, open;
	int64_t deadline;
	unsigned n = 0;

	options.max_bytes = 4 << 20;
	spool = fake_open(&options);
	while ((status = fake_append(spool, 1, n, 1000)) == ST_OK)
		n++;
	/* Not even a small one has a place then. */
	while (fake_append(spool, 1, n, 300) == ST_OK)
		n++;
	assert_int_equal(status, ST_FULL);
	(void)fake_segments(*state, ".sealed", &sealed);
	(void)fake_segments(*state, ".open", &open);
	assert_in_range(sealed + open, (4 << 20) - 1040, 4 << 20);
	assert_int_equal(spool_bytes(spool), sealed + open);
	assert_int_equal(records(*state), n);
	await_sealed(spool, *state);
	assert_int_equal(remove(fake_segment(*state, ".sealed")), 0);
	/* Noticed some time after asking. */
	deadline = clock_mono_us() + 10 * US_PER_S;
	while ((status = fake_append(spool, 1, n, 1000)) == ST_FULL && clock_mono_us() < deadline)
		(void)usleep(1000);
	assert_int_equal(status, ST_OK);
	spool_close(spool);
}

static void count_dropped(void *context, uint64_t n)
{
	*(uint64_t *)context += n;
}

static void child_fills(struct spool *spool, const char *dir)
{
	struct spool_options options = fake_options(dir);

	(void)spool;
	options.max_bytes = 4 << 20;
	spool = fake_open(&options);
	for (unsigned i = 0; i < 20000; i++) {
		enum status status = fake_append(spool, 1, i, 1000);

		if (status != ST_OK && status != ST_FULL)
			_exit(1);
	}
	spool_close(spool);
}

static void the_bound_holds_for_processes_together(void **state)
{
	uint64_t bytes;
	pid_t pids[4];
	int status;

	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			child_fills(NULL, *state);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	(void)fake_segments(*state, ".sealed", &bytes);
	assert_in_range(bytes, 3 << 20, (4 << 20) + 4 * (64 << 10));
	(void)records(*state);
}

static void a_ring_drops_the_oldest(void **state)
{
	struct spool_options options = fake_options(*state);
	uint64_t dropped = 0, bytes;
	struct spool *spool;

	options.max_bytes = 4 << 20;
	options.ring = true;
	options.dropped = count_dropped;
	options.context = &dropped;
	spool = fake_open(&options);
	append_many(spool, 1, 20000, 1000);
	spool_close(spool);
	(void)fake_segments(*state, ".sealed", &bytes);
	assert_in_range(bytes, 3 << 20, 4 << 20);
	assert_int_equal(records(*state) + dropped, 20000);
}

static void child_turns_ring(struct spool *spool, const char *dir)
{
	struct spool_options options = fake_options(dir);
	uint64_t dropped = 0;
	char path[PATH_MAX];
	FILE *tell;

	(void)spool;
	options.max_bytes = 4 << 20;
	options.ring = true;
	options.dropped = count_dropped;
	options.context = &dropped;
	spool = fake_open(&options);
	for (unsigned i = 0; i < 5000; i++) {
		if (fake_append(spool, 1, i, 1000) != ST_OK)
			_exit(1);
	}
	spool_close(spool);
	(void)snprintf(path, sizeof(path), "%s/dropped-%d", dir, (int)getpid());
	tell = fopen(path, "w");
	if (!tell || fprintf(tell, "%lu", (unsigned long)dropped) < 0 || fclose(tell) != 0)
		_exit(1);
}

static void a_ring_is_turned_by_many_and_each_drop_counts_once(void **state)
{
	unsigned long dropped = 0;
	pid_t pids[4];
	int status;

	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			child_turns_ring(NULL, *state);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		char path[PATH_MAX];
		unsigned long one;
		FILE *told;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		(void)snprintf(path, sizeof(path), "%s/dropped-%d", (char *)*state, (int)pids[i]);
		told = fopen(path, "r");
		assert_non_null(told);
		assert_int_equal(fscanf(told, "%lu", &one), 1);
		(void)fclose(told);
		dropped += one;
	}
	assert_int_equal(records(*state) + dropped, 4 * 5000);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
	    TEST(a_full_spool_refuses_until_there_is_room),
	    TEST(the_bound_holds_for_processes_together),
	    TEST(a_ring_drops_the_oldest),
	    TEST(a_ring_is_turned_by_many_and_each_drop_counts_once),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
