#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "dead.h"
#include "letter.h"
#include "reader.h"
#include "scan.h"
#include "shelf.h"
#include "spool_fake.h"
#include "spool_walk.h"

#define DEADLINE_US (20 * US_PER_S)

struct room {
	char dir[PATH_MAX - 64];
	char checkpoint[PATH_MAX];
	struct arena *arena;
};

static int make_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	assert_non_null(room);
	(void)snprintf(room->dir, sizeof(room->dir), "%s", fake_dir());
	(void)snprintf(room->checkpoint, sizeof(room->checkpoint), "%s/checkpoint", room->dir);
	room->arena = arena_new((size_t)64 << 20);
	*state = room;
	return room->arena ? 0 : -1;
}

static int leave_room(void **state)
{
	struct room *room = *state;

	fake_remove(room->dir);
	arena_free(room->arena);
	free(room);
	return 0;
}

static struct spool_reader *open_reader(const struct room *room)
{
	struct reason why = {""};
	struct spool_reader *reader;

	if (spool_reader_open(&reader, room->dir, room->checkpoint, &why) != ST_OK)
		fail_msg("%s", why.text);
	return reader;
}

struct given {
	struct spool_place place;
	unsigned writer, number, attempts;
};

/* The next record, waiting until it is ripe; false if none comes within wait_us. */
static bool take(struct spool_reader *reader, struct room *room, struct given *given,
		 int64_t wait_us)
{
	int64_t deadline = clock_mono_us() + wait_us;
	struct clean *clean;
	struct stamp stamp;
	enum status status;

	arena_reset(room->arena);
	while ((status = spool_reader_next(reader, room->arena, &clean, &given->place, &stamp,
					   &given->attempts)) == ST_END) {
		if (clock_mono_us() >= deadline)
			return false;
		(void)usleep(1000);
	}
	assert_int_equal(status, ST_OK);
	assert_true(fake_parse(clean, &given->writer, &given->number));
	assert_int_equal(stamp.lane, given->writer);
	assert_int_equal(stamp.seq, given->number);
	return true;
}

static struct given must_take(struct spool_reader *reader, struct room *room)
{
	struct given given;

	assert_true(take(reader, room, &given, DEADLINE_US));
	return given;
}

/* Nothing is ripe now nor in twice the settle time. */
static void must_be_empty(struct spool_reader *reader, struct room *room)
{
	struct given given;

	assert_false(take(reader, room, &given, 40000));
}

/* All segments are finished and go. */
static void must_vanish(struct spool_reader *reader, struct room *room)
{
	int64_t deadline = clock_mono_us() + DEADLINE_US;

	do {
		must_be_empty(reader, room);
		assert_int_equal(spool_reader_tick(reader), ST_OK);
	} while (fake_segments(room->dir, ".sealed", NULL) && clock_mono_us() < deadline);
	assert_int_equal(fake_segments(room->dir, ".sealed", NULL), 0);
	assert_int_equal(fake_segments(room->dir, ".open", NULL), 0);
}

static void fill(const struct room *room, unsigned writer, unsigned first, unsigned n)
{
	struct spool_options options = fake_options(room->dir);
	struct spool *spool = fake_open(&options);

	for (unsigned i = first; i < first + n; i++)
		assert_int_equal(fake_append(spool, writer, i, 300), ST_OK);
	spool_close(spool);
}

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

static void a_half_written_record_is_waited_for(void **state)
{
	struct room *room = *state;
	struct spool_options options = fake_options(room->dir);
	struct spool *spool = fake_open(&options);
	struct spool_reader *reader = open_reader(room);
	struct spool_stats stats;
	uint8_t bytes[1000];
	ssize_t n;
	int fd;

	assert_int_equal(fake_append(spool, 1, 1, 300), ST_OK);
	assert_int_equal(fake_append(spool, 1, 2, 300), ST_OK);
	fd = open(fake_segment(room->dir, ".open"), O_RDWR);
	n = pread(fd, bytes, sizeof(bytes), SEGMENT_HEAD_BYTES + 340);
	assert_int_equal(n, 340);
	for (off_t cut = 0; cut < 340; cut += 13) {
		assert_int_equal(ftruncate(fd, SEGMENT_HEAD_BYTES + 340 + cut), 0);
		if (cut == 0)
			assert_int_equal(must_take(reader, room).number, 1);
		else
			assert_int_equal(pwrite(fd, bytes, (size_t)cut, SEGMENT_HEAD_BYTES + 340),
					 cut);
		must_be_empty(reader, room);
	}
	assert_int_equal(pwrite(fd, bytes, 340, SEGMENT_HEAD_BYTES + 340), 340);
	assert_int_equal(must_take(reader, room).number, 2);
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.damaged, 0);
	(void)close(fd);
	spool_close(spool);
	spool_reader_close(reader);
}

/* Copy a sealed segment, change one byte or cut it there, read it: what comes out. */
static void damage_at_every_byte_is_skipped(void **state)
{
	struct room *room = *state;
	uint8_t whole[4096], bytes[4096];
	char path[PATH_MAX];
	size_t len;
	int fd;

	fill(room, 1, 0, 8);
	(void)snprintf(path, sizeof(path), "%s", fake_segment(room->dir, ".sealed"));
	fd = open(path, O_RDONLY);
	len = (size_t)read(fd, whole, sizeof(whole));
	(void)close(fd);
	assert_int_equal(len, SEGMENT_HEAD_BYTES + 8 * 340);
	for (size_t at = 0; at < 2 * len; at++) {
		size_t place = at / 2, hit = 8, n = 0, left = at % 2 ? place : len;
		enum scan_result result;
		struct frame frame;
		struct scan scan;

		memcpy(bytes, whole, len);
		if (at % 2 == 0)
			bytes[place] = (uint8_t)(bytes[place] ^ (1 + at % 255));
		if (place >= SEGMENT_HEAD_BYTES)
			hit = (place - SEGMENT_HEAD_BYTES) / 340;
		fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, bytes, left), left);
		(void)close(fd);
		fd = open(path, O_RDONLY);
		scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
		while ((result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
			if (result == SCAN_DAMAGE)
				continue;
			if (n == hit && at % 2 == 0)
				n++;
			assert_int_equal(frame.stamp.seq, n++);
		}
		assert_int_not_equal(result, SCAN_FAIL);
		if (at % 2 && place >= SEGMENT_HEAD_BYTES)
			assert_int_equal(n, hit);
		else if (at % 2 == 0)
			assert_in_range(n, hit == 7 ? 7 : 8, 8);
		scan_rest(&scan);
		(void)close(fd);
	}
}

static void a_damaged_segment_is_counted_once_and_goes(void **state)
{
	struct room *room = *state;
	struct spool_reader *reader;
	struct spool_stats stats;
	unsigned n = 0;
	int fd;

	fill(room, 1, 0, 100);
	fd = open(fake_segment(room->dir, ".sealed"), O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, SEGMENT_HEAD_BYTES + 10 * 340 + 99), 1);
	assert_int_equal(pwrite(fd, "xxxx", 4, SEGMENT_HEAD_BYTES + 20 * 340), 4);
	assert_int_equal(pwrite(fd, "xxxx", 4, SEGMENT_HEAD_BYTES + 99 * 340 + 8), 4);
	(void)close(fd);
	reader = open_reader(room);
	for (struct given given; take(reader, room, &given, 40000); n++) {
		if (given.number < 50)
			assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	}
	assert_int_equal(n, 97);
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.damaged, 3);
	assert_int_equal(stats.events, 49);
	spool_reader_close(reader);
	reader = open_reader(room);
	for (struct given given; take(reader, room, &given, 40000);)
		assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
	spool_reader_stats(reader, &stats);
	assert_int_equal(stats.damaged, 0);
	assert_int_equal(spool_reader_tick(reader), ST_OK);
	assert_int_equal(fake_segments(room->dir, ".sealed", NULL), 0);
	spool_reader_close(reader);
}

/* With the journal damaged anywhere, records may repeat but none is left out. */
static void a_damaged_journal_loses_no_record(void **state)
{
	struct room *room = *state;
	char path[PATH_MAX + 16];
	struct spool_reader *reader;
	uint8_t whole[8192], bytes[8192];
	struct given given;
	size_t len;
	int fd;

	fill(room, 1, 0, 30);
	fill(room, 2, 0, 30);
	reader = open_reader(room);
	while (take(reader, room, &given, 40000)) {
		if (given.number % 4 != 0)
			assert_int_equal(spool_reader_done(reader, &given.place, 1), ST_OK);
		else if (given.number == 8)
			assert_int_equal(spool_reader_failed(reader, &given.place), ST_OK);
	}
	spool_reader_close(reader);
	(void)snprintf(path, sizeof(path), "%s/journal", room->checkpoint);
	fd = open(path, O_RDONLY);
	len = (size_t)read(fd, whole, sizeof(whole));
	(void)close(fd);
	assert_in_range(len, 500, sizeof(whole) - 1);
	for (size_t at = 0; at < 2 * len; at += 7) {
		uint64_t seen[2] = {0, 0};
		size_t left = at % 2 ? at / 2 : len;

		memcpy(bytes, whole, len);
		if (at % 2 == 0)
			bytes[at / 2] = (uint8_t)(bytes[at / 2] ^ (1 + at % 255));
		fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, bytes, left), left);
		(void)close(fd);
		reader = open_reader(room);
		while (take(reader, room, &given, 0))
			seen[given.writer - 1] |= 1ull << given.number;
		spool_reader_close(reader);
		for (int writer = 0; writer < 2; writer++)
			assert_int_equal(seen[writer] & 0x11111111, 0x11111111);
	}
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

struct walked {
	unsigned records, damaged;
};

static int walk_record(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	struct walked *walked = context;
	unsigned writer, number;

	assert_non_null(segment);
	assert_true(offset >= SEGMENT_HEAD_BYTES);
	assert_true(fake_parse(clean, &writer, &number));
	assert_int_equal(stamp->seq, number);
	walked->records++;
	return 0;
}

static int walk_damage(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	(void)segment, (void)offset, (void)stamp;
	assert_null(clean);
	((struct walked *)context)->damaged++;
	return 0;
}

static void walking_sees_all(void **state)
{
	struct room *room = *state;
	struct spool_options options = fake_options(room->dir);
	struct walked walked = {0, 0};
	struct spool_amount amount;
	struct spool *spool;
	int fd;

	fill(room, 1, 0, 100);
	fd = open(fake_segment(room->dir, ".sealed"), O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, SEGMENT_HEAD_BYTES + 99), 1);
	(void)close(fd);
	spool = fake_open(&options);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(fake_append(spool, 2, i, 300), ST_OK);
	assert_int_equal(spool_walk(room->dir, walk_record, walk_damage, &walked), ST_OK);
	assert_int_equal(walked.records, 99 + 10);
	assert_int_equal(walked.damaged, 1);
	assert_int_equal(spool_measure(room->dir, &amount), ST_OK);
	/* The sealed one is believed: damage is for a walk to see. */
	assert_int_equal(amount.events, 100 + 10);
	assert_int_equal(amount.segments, 2);
	assert_int_equal(amount.bytes, 2 * SEGMENT_HEAD_BYTES + 110 * 340);
	assert_in_range(amount.oldest_us, clock_wall_us() - 60 * US_PER_S, clock_wall_us());
	spool_close(spool);
	assert_int_equal(spool_walk("/proc/nonexistent", walk_record, walk_damage, &walked),
			 ST_NOT_FOUND);
}

struct lettered {
	unsigned n, stop_at;
};

static enum status see_letter(void *context, const struct dead_letter *letter)
{
	struct lettered *lettered = context;
	unsigned writer, number;

	assert_true(fake_parse(letter->clean, &writer, &number));
	assert_int_equal(letter->stamp->seq, number);
	assert_int_equal(letter->status, 400 + number);
	assert_string_equal(letter->text, "Bad request, as ever");
	assert_true(letter->dead_us > 0);
	return ++lettered->n == lettered->stop_at ? ST_FULL : ST_OK;
}

static void add_letter(struct dead_letters *dead, unsigned number)
{
	struct stamp stamp = fake_stamp(1, number);

	assert_int_equal(dead_add(dead, fake_clean(1, number, 300), &stamp, 400 + (int)number,
				  "Bad request, as ever"),
			 ST_OK);
}

static void dead_letters_are_kept_and_taken(void **state)
{
	struct room *room = *state;
	struct walked walked = {0, 0};
	struct lettered lettered = {0, 0};
	struct dead_letters *dead;

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(dead_open(&dead, room->checkpoint), ST_OK);
		add_letter(dead, i);
		if (i < 2)
			dead_close(dead);
	}
	assert_int_equal(spool_walk(room->checkpoint, walk_record, walk_damage, &walked), ST_OK);
	assert_int_equal(walked.records, 3);
	assert_int_equal(walked.damaged, 0);
	assert_int_equal(dead_walk(room->checkpoint, see_letter, &lettered), ST_OK);
	assert_int_equal(lettered.n, 3);
	/* Taken half-way: the others stay, and those that come now are kept beside them. */
	lettered = (struct lettered){0, 2};
	assert_int_equal(dead_take(room->checkpoint, see_letter, &lettered), ST_FULL);
	add_letter(dead, 3);
	lettered = (struct lettered){0, 0};
	assert_int_equal(dead_take(room->checkpoint, see_letter, &lettered), ST_OK);
	assert_int_equal(lettered.n, 3);
	assert_int_equal(dead_walk(room->checkpoint, see_letter, &lettered), ST_OK);
	assert_int_equal(lettered.n, 3);
	add_letter(dead, 4);
	assert_int_equal(dead_walk(room->checkpoint, see_letter, &lettered), ST_OK);
	assert_int_equal(lettered.n, 4);
	dead_close(dead);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_room, leave_room)
	const struct CMUnitTest tests[] = {
	    TEST(records_come_in_order_and_go),
	    TEST(marks_outlast_the_reader),
	    TEST(order_is_kept_while_segments_come_and_go),
	    TEST(small_segments_are_many),
	    TEST(a_half_written_record_is_waited_for),
	    TEST(damage_at_every_byte_is_skipped),
	    TEST(a_damaged_segment_is_counted_once_and_goes),
	    TEST(a_damaged_journal_loses_no_record),
	    TEST(a_second_reader_is_refused),
	    TEST(removed_directories_are_noticed),
	    TEST(an_orphan_is_sealed_by_the_reader),
	    TEST(an_event_of_an_unknown_version_stays),
	    TEST(users_see_their_own_and_the_group_drains_all),
	    TEST(walking_sees_all),
	    TEST(dead_letters_are_kept_and_taken),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
