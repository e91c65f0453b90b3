/*
 * adopt - what a dead process left: check it, tell its records, continue or seal it.
 */
#ifndef TAMIS_SPOOL_ADOPT_H
#define TAMIS_SPOOL_ADOPT_H

#include <stdbool.h>

#include "clean.h"
#include "segment.h"
#include "shelf.h"

/* Hears of each record that is not known to be counted. */
struct adopt_heir {
	void (*orphan)(void *context, const struct stamp *stamp, const struct clean *clean);
	void *context;
	bool brief; /* lives for one request: takes one segment, the oldest, and sees no others */
};

/* A segment that is locked by us. */
struct adopted {
	int fd;
	char stem[SHELF_STEM];
	struct segment_mark mark; /* bytes: its length now */
};

/* Names the running kernel; 0 if it cannot be told. */
uint64_t adopt_boot(void);

/*
 * Go through the frames of a segment that nobody writes to, from its mark on, and pass
 * them on. *end: behind the last intact frame; *frames: how many there are in all.
 */
MUST_CHECK enum status adopt_check(int fd, const struct segment_mark *mark,
				   const struct adopt_heir *heir, uint64_t *end, uint64_t *frames);
/*
 * See to all `.open` segments in `dir` that nobody owns: torn tails are cut. One that was
 * made under this boot, not before since_us, and is smaller than max_bytes is handed over
 * for continuing (found->fd >= 0); the others are sealed, but by a brief heir, or processes of
 * one request that overlap would make a segment for each event.
 */
MUST_CHECK enum status adopt_orphans(const char *dir, uint64_t boot, int64_t since_us,
				     uint64_t max_bytes, const struct adopt_heir *heir,
				     struct adopted *found);

#endif
