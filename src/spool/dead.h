/*
 * dead - dead letters: events the upstream will not take, kept with the reason.
 *
 * One file in segment format per day in `<dir>`; a record is the reason's line and the
 * clean event.
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

#endif
