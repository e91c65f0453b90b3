/*
 * lane_file - what lies in a lane's file, byte by byte.
 *
 *	0	header, one page
 *	4096	bank 0: TALLY_SLOTS slots of 176 bytes
 *	then	bank 1
 *
 * Locks on the open file: byte 0 is its writer's, byte 1 the rollup's.
 */
#ifndef TAMIS_TALLY_LANE_FILE_H
#define TAMIS_TALLY_LANE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "tally.h"

#define TALLY_MAGIC UINT64_C(0x31796c6c61742e74) /* "t.tally1" */
#define TALLY_SLOTS 4096u
#define TALLY_SLOTS_USED_MAX (TALLY_SLOTS / 4 * 3)
#define TALLY_TEXT_BYTES 160
#define TALLY_ID_BYTES 33 /* of a lane: 32 hex digits */

/* The cell's texts, joined by U+001F; length 0: free. */
struct tally_slot {
	_Atomic uint64_t count;
	uint32_t hash;
	_Atomic uint16_t length;
	uint16_t unused;
	char text[TALLY_TEXT_BYTES];
};

struct tally_bank {
	struct tally_slot slots[TALLY_SLOTS];
};

struct tally_header {
	uint64_t magic;
	char id[TALLY_ID_BYTES + 7];
	_Atomic uint32_t active; /* the bank that the writer adds to */
	uint32_t unused;
	_Atomic uint64_t turn; /* odd while the writer is at it */
	uint64_t last_batch;
	uint64_t batch[2];	  /* of a bank that is being applied, else 0 */
	_Atomic uint32_t used[2]; /* slots of a bank */
};

struct tally_file {
	union {
		struct tally_header header;
		char page[4096];
	};
	struct tally_bank banks[2];
};

_Static_assert(sizeof(struct tally_slot) == 176, "the layout is told above");

struct lane_file {
	int fd;
	struct tally_file *map;
};

enum lane_lock { LANE_WRITER, LANE_ROLLUP };

/* ST_CORRUPT: no lane, or of another version. ST_NOT_FOUND. Ended by lane_file_close(). */
MUST_CHECK enum status lane_file_open(struct lane_file *file, const char *path);
void lane_file_close(struct lane_file *file);
/* A new lane's file, complete before it has its name. */
MUST_CHECK enum status lane_file_make(const char *directory);
/* ST_BUSY: another holds it. Ends with the file. */
MUST_CHECK enum status lane_file_lock(const struct lane_file *file, enum lane_lock lock);
bool lane_file_locked(const struct lane_file *file, enum lane_lock lock);

/* Call visit for each lane's path until it returns other than ST_OK, which is returned. */
typedef enum status lane_visit_fn(void *context, const char *path);
MUST_CHECK enum status lane_files(const char *directory, lane_visit_fn *visit, void *context);

#endif
