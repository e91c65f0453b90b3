#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "dead.h"
#include "letter.h"
#include "reader_room.h"
#include "scan.h"
#include "spool_fake.h"
#include "spool_walk.h"

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

static void dead_letters_expire(void **state)
{
	struct room *room = *state;
	struct walked walked = {0, 0};
	struct dead_letters *dead;
	uint64_t removed;
	int64_t now_us;

	assert_int_equal(dead_expire("/nonexistent/dead", INT64_MAX, &removed), ST_OK);
	assert_int_equal(dead_open(&dead, room->checkpoint), ST_OK);
	add_letter(dead, 0);
	add_letter(dead, 1);
	(void)usleep(2);
	now_us = clock_wall_us();
	add_letter(dead, 2);
	assert_int_equal(dead_expire(room->checkpoint, 1, &removed), ST_OK);
	assert_int_equal(removed, 0);
	assert_int_equal(dead_expire(room->checkpoint, now_us, &removed), ST_OK);
	assert_int_equal(removed, 2);
	assert_int_equal(dead_expire(room->checkpoint, now_us, &removed), ST_OK);
	assert_int_equal(removed, 0);
	add_letter(dead, 3);
	assert_int_equal(spool_walk(room->checkpoint, walk_record, walk_damage, &walked), ST_OK);
	assert_int_equal(walked.records, 2);
	dead_close(dead);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_room, leave_room)
	const struct CMUnitTest tests[] = {
	    TEST(a_half_written_record_is_waited_for),
	    TEST(damage_at_every_byte_is_skipped),
	    TEST(a_damaged_segment_is_counted_once_and_goes),
	    TEST(a_damaged_journal_loses_no_record),
	    TEST(walking_sees_all),
	    TEST(dead_letters_are_kept_and_taken),
	    TEST(dead_letters_expire),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
