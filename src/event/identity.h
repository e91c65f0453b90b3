/*
 * identity - the key of the day, under which visitors and ids are hashed.
 *
 * 32 random bytes in one file on a memory file system, shared by all processes that
 * may write the directory. The first to ask after 00:00 UTC makes the new key and
 * destroys the old one: from then on nobody can link the two days. A reboot loses it.
 */
#ifndef TAMIS_EVENT_IDENTITY_H
#define TAMIS_EVENT_IDENTITY_H

#include <stdint.h>

#include "status.h"

#define IDENTITY_KEY_BYTES 32
/* Where keys lie unless identity.key_dir says otherwise: the first that serves. */
#define IDENTITY_RUN_DIR "/run/tamis"
#define IDENTITY_MEMORY "/dev/shm" /* in it tamis-<uid> */

/* identity.mode and identify.ids, in the order of config.def. */
enum identity_mode { IDENTITY_DAILY, IDENTITY_NONE, IDENTITY_FULL };
enum identity_ids { IDENTITY_IDS_DAILY, IDENTITY_IDS_PERSISTENT };

struct identity;

/*
 * dir: made with mode 0700 if missing, on tmpfs; "" takes /run/tamis where that is writable and
 * on tmpfs, else /dev/shm/tamis-<uid>. ST_CONFIG: not on tmpfs. ST_DENIED: others may
 * write it. ST_IO: errno. why says which directory.
 */
MUST_CHECK enum status identity_open(struct identity **out, const char *dir, struct reason *why);
/* identity_open() for that directory, as far as one sees without making it or being its user. */
MUST_CHECK enum status identity_check(const char *dir, struct reason *why);
/*
 * Does the directory hold the key of the day, or could it be made there, as far as one sees
 * without making it? ST_IO: why.
 */
MUST_CHECK enum status identity_look(const char *dir, int64_t day, struct reason *why);
void identity_close(struct identity *identity);
/* The directory that was taken; lives as long as identity. */
const char *identity_dir(const struct identity *identity);

/*
 * The key of the UTC day (clock_day() of the time of receipt), made if this is the
 * first to ask; that of the next day where it has begun already. Thread-safe.
 */
MUST_CHECK enum status identity_key(const struct identity *identity, int64_t day,
				    unsigned char key[IDENTITY_KEY_BYTES]);

/*
 * Destroy the keys of all days but this one and the next, and make none: where nobody asks
 * for a key after midnight. ST_IO: why; one is left.
 */
MUST_CHECK enum status identity_expire(const struct identity *identity, int64_t day,
				       struct reason *why);

/*
 * A key that stays, in the file `name` below dir, made if it is missing, mode 0600. For who
 * has chosen that ids are known for longer than a day. ST_DENIED: another user's, or
 * others can read it; it is left alone. ST_CORRUPT: not of a key's length.
 */
MUST_CHECK enum status identity_lasting_key(const char *dir, const char *name,
					    unsigned char key[IDENTITY_KEY_BYTES],
					    struct reason *why);

#endif
