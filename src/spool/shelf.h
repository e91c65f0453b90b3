/*
 * shelf - one user's directory of segments: names, listing, space.
 *
 * A segment's name is its stem, `<µs made, 16 hex digits>-<random, 8>`, and a suffix:
 * `.open` while it may grow, `.sealed` afterwards. Names sort by age.
 */
#ifndef TAMIS_SPOOL_SHELF_H
#define TAMIS_SPOOL_SHELF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"
#include "status.h"

#define SHELF_STEM 26 /* with its NUL */
#define SHELF_PATH PATH_MAX

struct shelf_item {
	char stem[SHELF_STEM];
	bool sealed;
	uint64_t bytes;
};

/* True if name is a segment's; fills stem and sealed. */
bool shelf_name(const char *name, struct shelf_item *item);
/* µs of a stem. */
int64_t shelf_made_us(const char *stem);
/* ST_IO (ENAMETOOLONG) if it does not fit. */
MUST_CHECK enum status shelf_path(char path[SHELF_PATH], const char *dir, const char *stem,
				  bool sealed);

/*
 * The directory's segments, oldest first; the caller frees *items. ST_NOT_FOUND:
 * there is no such directory.
 */
MUST_CHECK enum status shelf_list(const char *dir, struct shelf_item **items, size_t *n);

/* Make the directory, mode 2770, and its parents. */
MUST_CHECK enum status shelf_make(const char *dir);
/*
 * A new, empty, locked segment, mode 0640, opened for appending and reading; if the
 * directory is gone it is made again. durable: its name outlasts a power cut.
 */
MUST_CHECK enum status shelf_create(const char *dir, const struct segment_head *head, bool durable,
				    char stem[SHELF_STEM], int *fd);
/* Remove what processes left that died while they made a segment. */
void shelf_sweep(const char *dir);
/*
 * Open and lock an `.open` segment that no process owns. ST_BUSY: somebody does;
 * ST_NOT_FOUND: it is not there (any more).
 */
MUST_CHECK enum status shelf_claim(const char *dir, const char *stem, int flags, int *fd);
/* Rename to `.sealed`. */
MUST_CHECK enum status shelf_seal(const char *dir, const char *stem);
/* How many records it holds: from its mark, counted if that is not of its length. */
uint64_t shelf_frames(int fd);
/*
 * Remove the oldest sealed segment; *frames: how many records it held. ST_NOT_FOUND:
 * there is none. When several processes do it at once each segment counts once.
 */
MUST_CHECK enum status shelf_drop(const char *dir, uint64_t *frames);

#endif
