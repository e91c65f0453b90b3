#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "reader_room.h"
#include "shelf.h"
#include "spool_fake.h"

static void records_come_in_order_and_go(void **state)
{
	struct room *room = *state;
	struct spool_reader *reader;
	struct spool_stats stats;

	fill(room, 1, 0, 5000);
	reader = open_reader(room);
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.events, 5000);
	assert_int_equal(stats.segments, 2);
	for (unsigned i = 0; i < 5000; i++) {
		struct given given = must_take(reader, room);

		assert_int_equal(given.number, i);
		assert_int_equal(given.attempts, 0);
		assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	}
	must_be_empty(reader, room);
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.events, 0);
	assert_int_equal(stats.segments, 0);
	assert_int_equal(stats.bytes, 0);
	assert_int_equal(stats.oldest_us, 0);
	assert_int_equal(fake_segments(room->dir, ".sealed", NULL), 0);
	spool_reader_close(reader);
}

static void marks_outlast_the_reader(void **state)
{
	struct room *room = *state;
	struct spool_reader *reader;
	struct given given[1000];

	fill(room, 1, 0, 1000);
	reader = open_reader(room);
	for (unsigned i = 0; i < 1000; i++)
		given[i] = must_take(reader, room);
	/* Every third stays undone; one of them has failed twice. */
	for (unsigned i = 0; i < 1000; i++) {
		if (i % 3)
			assert_int_equal(spool_reader_done(reader, &given[i].place, 1), ST_OK);
	}
	assert_int_equal(spool_reader_failed(reader, &given[6].place), ST_OK);
	assert_int_equal(spool_reader_failed(reader, &given[6].place), ST_OK);
	spool_reader_close(reader);
	for (int again = 0; again < 2; again++) {
		reader = open_reader(room);
		for (unsigned i = 0; i < 1000; i += 3) {
			given[i] = must_take(reader, room);
			assert_int_equal(given[i].number, i);
			assert_int_equal(given[i].attempts, i == 6 ? 2 : 0);
		}
		must_be_empty(reader, room);
		if (again == 0)
			spool_reader_close(reader);
	}
	for (unsigned i = 0; i < 1000; i += 3)
		assert_int_equal(spool_reader_done(reader, &given[i].place, 1), ST_OK);
	must_vanish(reader, room);
	spool_reader_close(reader);
}

/* Take what is ripe; it must come in the order of `expected`. */
static void take_in_order(struct spool_reader *reader, struct room *room, unsigned *expected)
{
	struct given given;

	while (take(reader, room, &given, 0)) {
		assert_int_equal(given.number, (*expected)++);
		assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	}
}

static void order_is_kept_while_segments_come_and_go(void **state)
{
	struct room *room = *state;
	struct spool_options options = fake_options(room->dir);
	struct spool_reader *reader = open_reader(room);
	struct spool *spools[3] = {NULL, NULL, NULL};
	unsigned expected = 0, n = 0;
	int64_t deadline;

	options.segment_bytes = 4096;
	/* Bursts of one writer after another, with pauses in which the others lie still. */
	while (n < 3000) {
		unsigned writer = (unsigned)rand() % 3;

		if (!spools[writer])
			spools[writer] = fake_open(&options);
		for (unsigned burst = (unsigned)rand() % 12; burst; burst--) {
			assert_int_equal(fake_append(spools[writer], writer, n++, 300), ST_OK);
			for (int64_t now = clock_wall_us(); clock_wall_us() == now;)
				;
			take_in_order(reader, room, &expected);
		}
		if (rand() % 8 == 0)
			(void)usleep((useconds_t)(rand() % 8000));
		if (rand() % 20 == 0) {
			spool_close(spools[writer]);
			spools[writer] = NULL;
			assert_int_equal(spool_reader_tick(reader), ST_OK);
		}
	}
	for (unsigned i = 0; i < 3; i++) {
		if (spools[i])
			spool_close(spools[i]);
	}
	deadline = clock_mono_us() + DEADLINE_US;
	while (expected < n && clock_mono_us() < deadline)
		take_in_order(reader, room, &expected);
	assert_int_equal(expected, n);
	must_vanish(reader, room);
	spool_reader_close(reader);
}

/* Thousands of them, whose events are all under way, with few descriptors. */
static void small_segments_are_many(void **state)
{
	enum { MANY = 1000 };
	struct spool_place places[MANY];
	struct room *room = *state;
	struct spool_reader *reader;
	struct rlimit limit, low;
	struct spool_stats stats;

	for (unsigned i = 0; i < MANY; i++)
		fill(room, 1, i, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	reader = open_reader(room);
	for (unsigned i = 0; i < MANY; i++) {
		struct given given = must_take(reader, room);

		assert_int_equal(given.number, i);
		places[i] = given.place;
	}
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.events, MANY);
	assert_int_equal(spool_reader_done(reader, places, MANY), ST_OK);
	must_vanish(reader, room);
	spool_reader_close(reader);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void a_second_reader_is_refused(void **state)
{
	struct room *room = *state;
	struct spool_reader *first = open_reader(room), *second;
	struct reason why = {""};

	assert_int_equal(spool_reader_open(&second, room->dir, room->checkpoint, &why), ST_BUSY);
	assert_non_null(strstr(why.text, "another forwarder"));
	spool_reader_close(first);
	spool_reader_close(open_reader(room));
}

static void removed_directories_are_noticed(void **state)
{
	struct room *room = *state;
	struct spool_options options = fake_options(room->dir);
	struct spool_reader *reader = open_reader(room);
	struct spool *spool = fake_open(&options);

	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	assert_int_equal(must_take(reader, room).number, 1);
	fake_remove(room->dir);
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	assert_int_equal(access(room->checkpoint, F_OK), 0);
	assert_int_equal(fake_append(spool, 1, 2, 300), ST_OK);
	/* What was appended to the nameless file, if anything, may come first. */
	while (must_take(reader, room).number != 2)
		;
	spool_close(spool);
	spool_reader_close(reader);
}

static void child_leaves_orphans(const struct room *room)
{
	struct spool_options options = fake_options(room->dir);
	struct spool *spool = fake_open(&options);
	struct stamp stamp = {0};

	for (unsigned i = 0; i < 10; i++) {
		stamp = fake_stamp(1, i);
		if (spool_append(spool, fake_clean(1, i, 300), &stamp) != ST_OK)
			_exit(1);
	}
	raise(SIGKILL);
}

static void count_orphan(void *context, const struct stamp *stamp, const struct clean *clean)
{
	unsigned writer, number;

	assert_true(fake_parse(clean, &writer, &number));
	assert_int_equal(stamp->seq, number);
	(*(unsigned *)context)++;
}

static void an_orphan_is_sealed_by_the_reader(void **state)
{
	struct room *room = *state;
	struct spool_reader *reader;
	int64_t deadline;
	unsigned told = 0;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		child_leaves_orphans(room);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	reader = open_reader(room);
	spool_reader_on_orphan(reader, count_orphan, &told);
	for (unsigned i = 0; i < 10; i++) {
		struct given given = must_take(reader, room);

		assert_int_equal(given.number, i);
		assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	}
	deadline = clock_mono_us() + DEADLINE_US;
	while (fake_segments(room->dir, ".open", NULL) && clock_mono_us() < deadline) {
		must_be_empty(reader, room);
		assert_int_equal(spool_reader_tick(reader), ST_OK);
	}
	assert_int_equal(told, 10);
	must_vanish(reader, room);
	spool_reader_close(reader);
}

static void an_event_of_an_unknown_version_stays(void **state)
{
	struct room *room = *state;
	struct spool_options options = fake_options(room->dir);
	struct spool *spool = fake_open(&options);
	struct stamp stamp = fake_stamp(1, 2);
	struct spool_reader *reader;
	struct given given;
	char *record;
	const struct clean *clean;
	size_t len;

	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	clean = fake_clean(1, 2, 300);
	memcpy(&record, &(const void *){clean_record(clean, &len)}, sizeof(record));
	record[0] = '?';
	assert_int_equal(spool_append(spool, clean, &stamp), ST_OK);
	assert_int_equal(fake_append(spool, 1, 3, 300), ST_OK);
	spool_close(spool);
	reader = open_reader(room);
	for (unsigned i = 1; i <= 3; i += 2) {
		given = must_take(reader, room);
		assert_int_equal(given.number, i);
		assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	}
	must_be_empty(reader, room);
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	assert_int_equal(fake_segments(room->dir, ".sealed", NULL), 1);
	spool_reader_close(reader);
}

#define WRITER_UID 41001
#define READER_UID 41002
#define OTHER_UID 41003
#define READER_GID 41000

/* Run as that user in a process of its own; 0 if all went well there. */
static int as_user(uid_t uid, gid_t gid, int (*act)(struct room *room), struct room *room)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
			_exit(100);
		_exit(act(room));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int writes_and_dies(struct room *room)
{
	struct spool_options options = fake_options(room->dir);
	struct spool *spool;
	struct reason why;

	if (spool_open(&spool, &options, &why) != ST_OK)
		return 1;
	for (unsigned i = 0; i < 4000; i++) {
		if (fake_append(spool, 1, i, 300) != ST_OK)
			return 2;
	}
	return 0;
}

static int cannot_look(struct room *room)
{
	char shelf[PATH_MAX];

	(void)snprintf(shelf, sizeof(shelf), "%s/%d", room->dir, WRITER_UID);
	return access(shelf, F_OK) == 0 && opendir(shelf) == NULL && errno == EACCES ? 0 : 1;
}

static int drains(struct room *room)
{
	int64_t deadline = clock_mono_us() + DEADLINE_US;
	struct spool_reader *reader;
	struct spool_stats stats = {.segments = 1};
	struct reason why;
	struct given given;
	unsigned n = 0;

	if (spool_reader_open(&reader, room->dir, room->checkpoint, &why) != ST_OK)
		return 1;
	while ((n < 4000 || stats.segments) && clock_mono_us() < deadline) {
		while (take(reader, room, &given, 0)) {
			if (spool_reader_done(reader, &given.place, 1) != ST_OK)
				return 2;
			n++;
		}
		if (spool_reader_tick(reader) != ST_OK)
			return 3;
		spool_reader_stats(reader, &stats);
		(void)usleep(2000);
	}
	spool_reader_close(reader);
	return n == 4000 && stats.segments == 0 ? 0 : 4;
}

/* Only root can play several users; as another, the modes in test_spool say as much. */
static void users_see_their_own_and_the_group_drains_all(void **state)
{
	struct room *room = *state;

	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(room->dir, 01777), 0);
	assert_int_equal(mkdir(room->checkpoint, 0700), 0);
	assert_int_equal(chown(room->checkpoint, READER_UID, READER_GID), 0);
	assert_int_equal(as_user(WRITER_UID, READER_GID, writes_and_dies, room), 0);
	assert_int_equal(as_user(OTHER_UID, OTHER_UID, cannot_look, room), 0);
	assert_int_equal(as_user(READER_UID, READER_GID, drains, room), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_room, leave_room)
	const struct CMUnitTest tests[] = {
	    TEST(records_come_in_order_and_go),
	    TEST(marks_outlast_the_reader),
	    TEST(order_is_kept_while_segments_come_and_go),
	    TEST(small_segments_are_many),
	    TEST(a_second_reader_is_refused),
	    TEST(removed_directories_are_noticed),
	    TEST(an_orphan_is_sealed_by_the_reader),
	    TEST(an_event_of_an_unknown_version_stays),
	    TEST(users_see_their_own_and_the_group_drains_all),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
