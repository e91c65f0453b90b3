/*
 * reader_room - what tests of the spool's reader need: a spool of their own, a reader of it,
 * and records taken one by one.
 */
#ifndef TAMIS_TEST_READER_ROOM_H
#define TAMIS_TEST_READER_ROOM_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "reader.h"

#define DEADLINE_US (20 * US_PER_S)

struct room {
	char dir[PATH_MAX - 64];
	char checkpoint[PATH_MAX];
	struct arena *arena;
};

struct given {
	struct spool_place place;
	unsigned writer, number, attempts;
};

/* cmocka's setup and teardown: *state is the room. */
int make_room(void **state);
int leave_room(void **state);

struct spool_reader *open_reader(const struct room *room);
/* Append records first … first + n - 1 of the writer. */
void fill(const struct room *room, unsigned writer, unsigned first, unsigned n);

/* The next record, waiting until it is ripe; false if none comes within wait_us. */
bool take(struct spool_reader *reader, struct room *room, struct given *given, int64_t wait_us);
struct given must_take(struct spool_reader *reader, struct room *room);
/* Nothing is ripe now nor in twice the settle time. */
void must_be_empty(struct spool_reader *reader, struct room *room);
/* All segments are finished and go. */
void must_vanish(struct spool_reader *reader, struct room *room);

#endif
