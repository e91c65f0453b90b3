/*
 * state - what lies where below state.dir, told once for all rooms and commands.
 */
#ifndef TAMIS_BASE_STATE_H
#define TAMIS_BASE_STATE_H

#include "config.h"
#include "status.h"

#define STATE_SPOOL "spool"	      /* segments, a directory for each writing user */
#define STATE_DEAD "dead"	      /* dead letters */
#define STATE_CHECKPOINT "checkpoint" /* the reader's journal */
#define STATE_COUNTERS "counters"     /* the mapped file */
#define STATE_ID_KEY "identify.key"   /* only with identify.ids: persistent */
#define STATE_STORE "store"	      /* SQLite's files, whichever user makes them */
#define STATE_COUNTS "store/counts.db"
#define STATE_TALLY "tally"	  /* counts on their way to the store */
#define STATE_ROLLUP "rollup"	  /* empty; its time: when a rollup came to its end last */
#define STATE_TOKENS "tokens"	  /* who may count and read, hashed */
#define STATE_AUDIT "audit.log"	  /* who read exact counts */
#define STATE_RELEASED "released" /* the journal of what was released; in no backup */
#define STATE_BOUNDED "bounded"	  /* the last day that contributions were bounded on */
#define STATE_IMPORT "import"	  /* ledgers of `tamis import` */

#define STATE_PATH_BYTES 1024

/*
 * Could state_make() do its work, as far as one sees without writing? ST_CONFIG: state.dir
 * or what it is to lie in is no directory.
 */
MUST_CHECK enum status state_check(const struct config *config, struct reason *why);
/* For who only looks. ST_NOT_FOUND: there is no state.dir, it may be mistyped. */
MUST_CHECK enum status state_there(const struct config *config, struct reason *why);
/*
 * Make state.dir and the spool's directory in it where they are missing, with mode 3770:
 * all users of the group write there, none removes what is another's.
 * ST_CONFIG, ST_DENIED, ST_IO: why.
 */
MUST_CHECK enum status state_make(const struct config *config, struct reason *why);

/* Write "<state.dir>/<name>" into path, which holds STATE_PATH_BYTES: always enough. */
void state_path(char *path, const struct config *config, const char *name);

#endif
