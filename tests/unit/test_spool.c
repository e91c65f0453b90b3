#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "scan.h"
#include "spool_dir.h"
#include "spool_fake.h"

static void segments_are_sealed_at_their_size(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *spool = fake_open(&options);
	struct stat st;

	assert_int_equal(fake_segments(*state, ".open", NULL), 0);
	append_many(spool, 1, 5000, 300);
	await_sealed(spool, *state);
	assert_int_equal(stat(fake_segment(*state, ".sealed"), &st), 0);
	assert_in_range(st.st_size, (1 << 20) - 340, 1 << 20);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stat(fake_shelf(*state), &st), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
	spool_close(spool);
	assert_int_equal(fake_segments(*state, ".open", NULL), 0);
	assert_true(records(*state) >= 5000);
}

static void large_records_have_a_limit(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *spool = fake_open(&options);

	assert_int_equal(fake_append(spool, 1, 1, FRAME_RECORD_MAX), ST_OK);
	assert_int_equal(fake_append(spool, 1, 2, FRAME_RECORD_MAX + 1), ST_TOO_LARGE);
	assert_int_equal(fake_append(spool, 1, 3, 100), ST_OK);
	spool_close(spool);
	assert_int_equal(records(*state), 2);
}

struct appender {
	struct spool *spool;
	unsigned writer;
	unsigned n;
	pthread_t thread;
};

static void *append_thread(void *context)
{
	struct appender *appender = context;

	append_many(appender->spool, appender->writer, appender->n, 200 + appender->writer);
	return NULL;
}

static void append_in_threads(struct spool *spool, unsigned threads, unsigned n)
{
	struct appender appenders[16];

	for (unsigned i = 0; i < threads; i++) {
		appenders[i] = (struct appender){spool, i, n, 0};
		assert_int_equal(
		    pthread_create(&appenders[i].thread, NULL, append_thread, &appenders[i]), 0);
	}
	for (unsigned i = 0; i < threads; i++)
		assert_int_equal(pthread_join(appenders[i].thread, NULL), 0);
}

static void threads_append_at_once(void **state)
{
	static const enum spool_sync modes[] = {SPOOL_SYNC_PROCESS, SPOOL_SYNC_INTERVAL,
						SPOOL_SYNC_ALWAYS};
	struct spool_options options = fake_options(*state);
	size_t expected = 0;

	for (size_t i = 0; i < 3; i++) {
		unsigned n = modes[i] == SPOOL_SYNC_ALWAYS ? 100 : 5000;
		struct spool *spool;

		options.sync = modes[i];
		spool = fake_open(&options);
		append_in_threads(spool, 8, n);
		spool_close(spool);
		expected += 8 * n;
		assert_int_equal(records(*state), expected);
	}
}

static void child_appends(struct spool *spool, const char *dir)
{
	(void)dir;
	for (unsigned i = 0; i < 100; i++) {
		if (fake_append(spool, 2, i, 300) != ST_OK)
			_exit(1);
	}
	spool_close(spool);
}

static void a_child_has_a_segment_of_its_own(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *spool;

	options.sync = SPOOL_SYNC_INTERVAL;
	spool = fake_open(&options);
	append_many(spool, 1, 100, 300);
	assert_int_equal(in_child(child_appends, spool, *state), 0);
	assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
	append_many(spool, 1, 100, 300);
	spool_close(spool);
	assert_int_equal(records(*state), 300);
}

static void child_dies(struct spool *spool, const char *dir)
{
	struct spool_options options = fake_options(dir);

	(void)spool;
	append_many(fake_open(&options), 3, 50, 300);
	raise(SIGKILL);
}

struct heard {
	unsigned n;
	uint64_t seqs;
};

static void hear(void *context, const struct stamp *stamp, const struct clean *clean)
{
	struct heard *heard = context;
	unsigned writer, number;

	assert_true(fake_parse(clean, &writer, &number));
	assert_int_equal(stamp->lane, writer);
	assert_int_equal(stamp->seq, number);
	heard->n++;
	heard->seqs += stamp->seq;
}

static void what_a_dead_process_left_is_told_and_continued(void **state)
{
	struct spool_options options = fake_options(*state);
	struct heard heard = {0, 0};
	struct spool *spool;
	size_t damaged;
	int fd;

	assert_true(WIFSIGNALED(in_child(child_dies, NULL, *state)));
	assert_true(WIFSIGNALED(in_child(child_dies, NULL, *state)));
	/* The second child continued the segment of the first, then died too. */
	assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	fd = open(fake_segment(*state, ".open"), O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\xFETS\xFE torn", 9), 9);
	(void)close(fd);
	assert_int_equal(records_in(fake_segment(*state, ".open"), &damaged), 100);
	assert_int_equal(damaged, 1);
	options.orphan = hear;
	options.context = &heard;
	spool = fake_open(&options);
	/* The first 50 were told to the second child. */
	assert_int_equal(heard.n, 50);
	assert_int_equal(heard.seqs, 49 * 50 / 2);
	assert_int_equal(records(*state), 100);
	append_many(spool, 4, 10, 300);
	assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	spool_close(spool);
	assert_int_equal(records(*state), 110);
}

/* A power cut may have shortened it below what a reader has marked, so it is not continued. */
static void a_segment_of_an_earlier_boot_is_sealed(void **state)
{
	struct spool_options options = fake_options(*state);
	struct segment_head head;
	struct segment_mark mark;
	struct spool *spool;
	int fd;

	assert_true(WIFSIGNALED(in_child(child_dies, NULL, *state)));
	fd = open(fake_segment(*state, ".open"), O_RDWR);
	assert_int_equal(segment_head_read(fd, &head, &mark), ST_OK);
	assert_true(head.boot != 0);
	head.boot++;
	assert_int_equal(segment_head_write(fd, &head), ST_OK);
	(void)close(fd);
	spool = fake_open(&options);
	assert_int_equal(fake_segments(*state, ".open", NULL), 0);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
	append_many(spool, 4, 10, 300);
	assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	spool_close(spool);
	assert_int_equal(records(*state), 60);
}

static void live_segments_are_left_alone(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *first = fake_open(&options), *second;
	struct heard heard = {0, 0};

	append_many(first, 1, 10, 300);
	options.orphan = hear;
	options.context = &heard;
	second = fake_open(&options);
	append_many(second, 2, 10, 300);
	assert_int_equal(heard.n, 0);
	assert_int_equal(fake_segments(*state, ".open", NULL), 2);
	append_many(first, 1, 10, 300);
	spool_close(second);
	spool_close(first);
	assert_int_equal(records(*state), 30);
}

static void processes_of_one_request_share_a_segment(void **state)
{
	struct spool_options options = fake_options(*state);
	struct heard heard = {0, 0};

	options.brief = true;
	options.sync = SPOOL_SYNC_INTERVAL;
	options.orphan = hear;
	options.context = &heard;
	for (unsigned i = 0; i < 20; i++) {
		struct spool *spool = fake_open(&options);

		assert_int_equal(fake_append(spool, 1, i, 300), ST_OK);
		spool_close(spool);
		assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	}
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 0);
	assert_int_equal(records(*state), 20);
	assert_int_equal(heard.n, 0);
}

/* A server starts the next one when it has the answer, before the first one has ended. */
static void processes_of_one_request_that_overlap_share_segments(void **state)
{
	struct spool_options options = fake_options(*state);
	struct heard heard = {0, 0};

	options.brief = true;
	options.orphan = hear;
	options.context = &heard;
	for (unsigned i = 0; i < 20; i++) {
		struct spool *first = fake_open(&options), *second;

		assert_int_equal(fake_append(first, 1, i, 300), ST_OK);
		second = fake_open(&options);
		assert_int_equal(fake_append(second, 2, i, 300), ST_OK);
		spool_close(first);
		spool_close(second);
		assert_int_equal(fake_segments(*state, ".open", NULL), 2);
	}
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 0);
	assert_int_equal(records(*state), 40);
	assert_int_equal(heard.n, 0);
}

static void a_removed_directory_is_made_again(void **state)
{
	static const enum spool_sync modes[] = {SPOOL_SYNC_PROCESS, SPOOL_SYNC_INTERVAL};
	struct spool_options options = fake_options(*state);
	struct spool *spool;

	for (int i = 0; i < 2; i++) {
		options.sync = modes[i];
		spool = fake_open(&options);
		append_many(spool, 1, 10, 300);
		fake_remove(*state);
		/* As fast as can be, so most go to the removed file, and are rescued. */
		append_many(spool, 1, 50, 300);
		spool_close(spool);
		assert_in_range(records(*state), 50, 60);
		fake_remove(*state);
	}
}

/* Nobody reads there any more, and no link count tells. */
static void what_comes_after_a_directory_was_moved_is_where_it_was(void **state)
{
	static const enum spool_sync modes[] = {SPOOL_SYNC_PROCESS, SPOOL_SYNC_INTERVAL,
						SPOOL_SYNC_ALWAYS};
	struct spool_options options = fake_options(*state);
	char moved[128];

	(void)snprintf(moved, sizeof(moved), "%s.moved", (const char *)*state);
	for (int i = 0; i < 3; i++) {
		struct spool *spool;

		options.sync = modes[i];
		spool = fake_open(&options);
		append_many(spool, 1, 10, 300);
		assert_int_equal(rename(*state, moved), 0);
		append_many(spool, 1, 50, 300);
		spool_close(spool);
		assert_in_range(records(*state), 50, 60);
		assert_in_range(records(moved), 10, 60);
		fake_remove(*state);
		fake_remove(moved);
	}
}

static void an_idle_process_notices_that_its_segment_is_gone(void **state)
{
	struct spool_options options = fake_options(*state);
	bool noticed = false;
	struct spool *spool;

	options.sync = SPOOL_SYNC_INTERVAL;
	spool = fake_open(&options);
	/* Again if the last event happened to be looked after: then nothing is to be rescued. */
	for (int tries = 0; tries < 5 && !noticed; tries++) {
		int64_t deadline = clock_mono_us() + 4 * US_PER_S;

		append_many(spool, 1, 50, 300);
		fake_remove(*state);
		while (!noticed && clock_mono_us() < deadline) {
			(void)usleep(10000);
			noticed = fake_segments(*state, ".open", NULL) == 1;
		}
	}
	assert_true(noticed);
	assert_in_range(records(*state), 1, 50);
	spool_close(spool);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
}

static void await_sealed_alone(const char *dir)
{
	int64_t deadline = clock_mono_us() + 60 * US_PER_S;

	while (!fake_segments(dir, ".sealed", NULL) && clock_mono_us() < deadline)
		(void)usleep(10000);
	assert_int_equal(fake_segments(dir, ".sealed", NULL), 1);
	assert_int_equal(fake_segments(dir, ".open", NULL), 0);
}

static void an_old_segment_is_sealed_without_another_event(void **state)
{
	static const enum spool_sync modes[] = {SPOOL_SYNC_PROCESS, SPOOL_SYNC_INTERVAL,
						SPOOL_SYNC_ALWAYS};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct spool_options options = fake_options(*state);
		struct spool *spool;

		options.sync = modes[i];
		options.segment_us = US_PER_S / 10;
		spool = fake_open(&options);
		append_many(spool, 1, 5, 300);
		await_sealed_alone(*state);
		assert_int_equal(fake_append(spool, 1, 5, 300), ST_OK);
		assert_int_equal(records(*state), 6);
		assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
		spool_close(spool);
		fake_remove(*state);
	}
}

static void a_process_of_one_request_seals_an_old_segment(void **state)
{
	struct spool_options options = fake_options(*state);
	struct spool *spool;

	options.brief = true;
	spool = fake_open(&options);
	append_many(spool, 1, 1, 300);
	spool_close(spool);
	options.segment_us = 3600 * US_PER_S;
	spool = fake_open(&options);
	append_many(spool, 2, 1, 300);
	spool_close(spool);
	assert_int_equal(fake_segments(*state, ".open", NULL), 1);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 0);
	options.segment_us = 1;
	spool = fake_open(&options);
	append_many(spool, 3, 1, 300);
	spool_close(spool);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
	assert_int_equal(records(*state), 3);
}

/* A file-size limit tears a write like a full disk does. */
static void child_is_torn(struct spool *spool, const char *dir)
{
	struct spool_options options = fake_options(dir);
	struct rlimit limit;
	unsigned kept = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	spool = fake_open(&options);
	for (unsigned i = 0; i < 1000; i++) {
		enum status status = fake_append(spool, 1, i, i % 2 ? 700 : 900);

		if (status != ST_OK && status != ST_FULL)
			_exit(1);
		kept += status == ST_OK;
	}
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned i = 0; i < 10; i++) {
		if (fake_append(spool, 1, i, 300) != ST_OK)
			_exit(2);
	}
	spool_close(spool);
	if (records(dir) != kept + 10 || kept < 100 || kept > 125)
		_exit(3);
}

static void a_torn_write_is_cut_back(void **state)
{
	assert_int_equal(in_child(child_is_torn, NULL, *state), 0);
	assert_int_equal(fake_segments(*state, ".sealed", NULL), 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
	    TEST(segments_are_sealed_at_their_size),
	    TEST(large_records_have_a_limit),
	    TEST(threads_append_at_once),
	    TEST(a_child_has_a_segment_of_its_own),
	    TEST(what_a_dead_process_left_is_told_and_continued),
	    TEST(a_segment_of_an_earlier_boot_is_sealed),
	    TEST(live_segments_are_left_alone),
	    TEST(processes_of_one_request_share_a_segment),
	    TEST(processes_of_one_request_that_overlap_share_segments),
	    TEST(an_old_segment_is_sealed_without_another_event),
	    TEST(a_process_of_one_request_seals_an_old_segment),
	    TEST(a_removed_directory_is_made_again),
	    TEST(what_comes_after_a_directory_was_moved_is_where_it_was),
	    TEST(an_idle_process_notices_that_its_segment_is_gone),
	    TEST(a_torn_write_is_cut_back),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
