/*
 * dead - dead letters: events the upstream will not take, kept with the reason.
 *
 * One file in segment format per day in `<dir>`, `YYYY-MM-DD.dead`; a record is the
 * reason's line and the clean event. The forwarder adds, the operator looks and takes,
 * at the same time if they like.
 */
#ifndef TAMIS_SPOOL_DEAD_H
#define TAMIS_SPOOL_DEAD_H

#include "clean.h"
#include "stamp.h"
#include "status.h"

struct dead_letters;

MUST_CHECK enum status dead_open(struct dead_letters **out, const char *dir);
void dead_close(struct dead_letters *dead);
/* status: the upstream's HTTP code, 0 for none; text: tamis' own words, no payload. Durable on
 * return. */
MUST_CHECK enum status dead_add(struct dead_letters *dead, const struct clean *clean,
				const struct stamp *stamp, int status, const char *text);

/* A letter, borrowed for the call. dead_us: when it was set aside. */
struct dead_letter {
	const char *file;
	int64_t dead_us;
	int status;
	const char *text;
	const struct stamp *stamp;
	const struct clean *clean;
};
/* ST_OK to go on; in dead_take() ST_NOT_FOUND, too. Anything else ends the walk with that status.
 */
typedef enum status dead_visit_fn(void *context, const struct dead_letter *letter);

/* Every letter, oldest first; damage is skipped. ST_NOT_FOUND: no directory. */
MUST_CHECK enum status dead_walk(const char *dir, dead_visit_fn *visit, void *context);
/*
 * The same letters in the same order, to be taken: one visited with ST_OK is gone, one with
 * ST_NOT_FOUND stays, and so does what comes after a failure. What was taken of a day's file is
 * gone once all of that file was visited; after a kill before that its letters come again.
 * ST_BUSY: another one takes.
 */
MUST_CHECK enum status dead_take(const char *dir, dead_visit_fn *visit, void *context);

/*
 * Remove the letters that were set aside before before_us; *removed: how many. Reads one
 * letter where there is nothing to do. ST_BUSY: another one takes.
 */
MUST_CHECK enum status dead_expire(const char *dir, int64_t before_us, uint64_t *removed);

#endif
