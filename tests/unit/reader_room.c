#include "unit.h"

#include "reader_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "spool_fake.h"

int make_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	assert_non_null(room);
	(void)snprintf(room->dir, sizeof(room->dir), "%s", fake_dir());
	(void)snprintf(room->checkpoint, sizeof(room->checkpoint), "%s/checkpoint", room->dir);
	room->arena = arena_new((size_t)64 << 20);
	*state = room;
	return room->arena ? 0 : -1;
}

int leave_room(void **state)
{
	struct room *room = *state;

	fake_remove(room->dir);
	arena_free(room->arena);
	free(room);
	return 0;
}

struct spool_reader *open_reader(const struct room *room)
{
	struct reason why = {""};
	struct spool_reader *reader;

	if (spool_reader_open(&reader, room->dir, room->checkpoint, &why) != ST_OK)
		fail_msg("%s", why.text);
	return reader;
}

bool take(struct spool_reader *reader, struct room *room, struct given *given, int64_t wait_us)
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

struct given must_take(struct spool_reader *reader, struct room *room)
{
	struct given given;

	assert_true(take(reader, room, &given, DEADLINE_US));
	return given;
}

void must_be_empty(struct spool_reader *reader, struct room *room)
{
	struct given given;

	assert_false(take(reader, room, &given, 40000));
}

void must_vanish(struct spool_reader *reader, struct room *room)
{
	int64_t deadline = clock_mono_us() + DEADLINE_US;

	do {
		must_be_empty(reader, room);
		assert_int_equal(spool_reader_tick(reader), ST_OK);
	} while (fake_segments(room->dir, ".sealed", NULL) && clock_mono_us() < deadline);
	assert_int_equal(fake_segments(room->dir, ".sealed", NULL), 0);
	assert_int_equal(fake_segments(room->dir, ".open", NULL), 0);
}

void fill(const struct room *room, unsigned writer, unsigned first, unsigned n)
{
	struct spool_options options = fake_options(room->dir);
	struct spool *spool = fake_open(&options);

	for (unsigned i = first; i < first + n; i++)
		assert_int_equal(fake_append(spool, writer, i, 300), ST_OK);
	spool_close(spool);
}
