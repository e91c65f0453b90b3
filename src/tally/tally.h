/*
 * tally - increments of declared counters, in mapped files until the store has them.
 *
 * Each writing thread holds a lane, a file of its own with two banks of cells: it adds to
 * the one, the rollup empties the other into the store. Nothing is lost or counted twice
 * by kill -9 of either side at any moment: a bank gets its batch number before it is
 * applied, and the store keeps the last number of each lane in the same transaction. A
 * power cut loses at most what came since the last rollup.
 */
#ifndef TAMIS_TALLY_H
#define TAMIS_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define TALLY_NAME_MAX 50
#define TALLY_KEY_MAX 64
#define TALLY_SOURCE_MAX 32

enum tally_table {
	TALLY_COUNTS,  /* key: the event's id, source: where it was counted */
	TALLY_REPORTS, /* key: the cell, source: the domain's version */
};

/* One cell; texts are never NULL, day is "YYYY-MM-DD". */
struct tally_cell {
	enum tally_table table;
	const char *name, *day, *key, *source;
	uint64_t count;
};

struct tally_lane;

/*
 * A lane in the directory that nobody holds, or a new one (mode 0660; the directory is
 * made with 3770). It is its thread's alone, and no forked child's.
 * ST_BUSY: as many lanes as there may be are held.
 */
MUST_CHECK enum status tally_take(struct tally_lane **out, const char *directory,
				  struct reason *why);
void tally_end(struct tally_lane *lane);
/* In a child after fork(), instead: the lane stays the parent's. Nothing may follow. */
void tally_disown(struct tally_lane *lane);

/*
 * Add cell->count to the cell. Never blocks. ST_FULL: there are more cells than a bank
 * holds, until the next rollup. ST_INVALID: a text is longer than its maximum.
 */
MUST_CHECK enum status tally_add(struct tally_lane *lane, const struct tally_cell *cell);

/*
 * Put one batch of a lane into the store, unless the lane's batch of this number, or a
 * later one, is in it already. Anything but ST_OK leaves the batch for the next time.
 */
typedef enum status tally_apply_fn(void *context, const char *lane, uint64_t batch,
				   const struct tally_cell *cells, size_t n, struct reason *why);

struct tally_drained {
	uint64_t cells; /* applied, or found to be applied */
	unsigned lanes, damaged;
};
/*
 * Empty all lanes of the directory, once; a missing directory is an empty one. Goes on
 * with the other lanes after an error and returns the first.
 */
MUST_CHECK enum status tally_drain(const char *directory, tally_apply_fn *apply, void *context,
				   struct tally_drained *drained, struct reason *why);

/* How many cells wait for a rollup; a missing directory has none. ST_IO. */
MUST_CHECK enum status tally_waiting(const char *directory, uint64_t *cells);

#endif
