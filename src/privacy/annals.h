/*
 * annals - what was released, known apart from the store.
 *
 * A file in a directory of its own that backups leave out (a CACHEDIR.TAG lies in it). Its first
 * line names the generation of the store that it belongs to, and the inode and time of birth of
 * the file itself, which is made anew at every opening: what comes out of a backup is known by
 * that, in whatever way it was put back. Then a line "METRIC DAY" for each release.
 */
#ifndef TAMIS_PRIVACY_ANNALS_H
#define TAMIS_PRIVACY_ANNALS_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

#define GENERATION_BYTES 17

struct annals;

/*
 * Open what is in `dir`, made if missing, and keep everybody else out until annals_close().
 * ST_OK also where there is no journal yet. ST_IO, ST_CORRUPT, ST_DENIED: why.
 */
MUST_CHECK enum status annals_open(struct annals **out, const char *dir, struct reason *why);
void annals_close(struct annals *annals);

/* "" : there is no journal. */
const char *annals_generation(const struct annals *annals);
/* It is not the file that was written here last. */
bool annals_is_copy(const struct annals *annals);

/* Make the file anew, with all that it says, as one of this generation. */
MUST_CHECK enum status annals_renew(struct annals *annals, const char *generation,
				    struct reason *why);
bool annals_has(const struct annals *annals, const char *metric, int32_t day);
MUST_CHECK enum status annals_add(struct annals *annals, const char *metric, int32_t day,
				  struct reason *why);
/* Nothing of this day or before is released any more: annals_renew(), to follow, writes it. */
void annals_shut(struct annals *annals, int32_t day);
bool annals_is_shut(const struct annals *annals, int32_t day);

#endif
