/*
 * warrant - journal and store held against each other, before anything is released.
 *
 * Both bear the generation's name. A journal that is missing, a copy, or another generation's
 * does not know what was released since: then nothing is, until someone says what happened.
 */
#ifndef TAMIS_PRIVACY_WARRANT_H
#define TAMIS_PRIVACY_WARRANT_H

#include "annals.h"
#include "store.h"

#define WARRANT_NONE                                                                               \
	"none" /* as a directory: the store alone knows, and who says so answers for it */

/* releases.journal_dir, or the directory below state.dir; path holds STATE_PATH_BYTES. */
void warrant_dir(char *path, const struct config *config);

/* Make both where neither is there; else nothing. For who puts the first reports into a store. */
MUST_CHECK enum status warrant_begin(struct store *store, const char *dir, struct reason *why);

/*
 * The journal, ready to be added to; NULL with WARRANT_NONE. ST_DENIED: it is no witness of
 * this store.
 */
MUST_CHECK enum status warrant_open(struct annals **out, struct store *store, const char *dir,
				    struct reason *why);

/*
 * A backup came back: shut all days up to `day`, remove what was counted on them, and begin a
 * new generation with all that is still known.
 */
MUST_CHECK enum status warrant_restored(struct store *store, const char *dir, int32_t day,
					struct reason *why);
/* The journal is a copy, but the newest there is: store and journal were moved. ST_DENIED: not
 * of this store. */
MUST_CHECK enum status warrant_moved(struct store *store, const char *dir, struct reason *why);

#endif
