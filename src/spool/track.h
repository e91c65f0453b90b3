/*
 * track - one segment as the reader goes through it.
 *
 * Small while it waits for its turn. What is marked done is skipped without being read.
 */
#ifndef TAMIS_SPOOL_TRACK_H
#define TAMIS_SPOOL_TRACK_H

#include <stdbool.h>

#include "adopt.h"
#include "ranges.h"
#include "scan.h"
#include "shelf.h"

#define TRACK_SHELF 16				  /* name of a user's directory */
#define TRACK_NAME (TRACK_SHELF + 1 + SHELF_STEM) /* "<shelf>/<stem>" */

struct track_attempts {
	uint32_t offset;
	uint32_t n;
};

struct track {
	char shelf[TRACK_SHELF];
	char stem[SHELF_STEM];
	uint32_t number; /* 0: waits for its turn */
	bool sealed;
	bool complete; /* sealed and read to its end */
	bool at_end;   /* nothing more when it was last polled */
	bool foreign;  /* of a version we do not know: left alone */
	bool seen;     /* in the listing under way */
	bool has_head;
	struct frame head; /* next record, in the scan's buffer */
	uint32_t head_at;
	struct scan scan; /* scan.fd < 0: not open */
	struct ranges done;
	struct track_attempts *attempts;
	size_t n_attempts;
	uint64_t size;
	uint64_t marked_frames; /* of a sealed segment, 0: not known */
	uint64_t outstanding;	/* handed out and not done */
	int64_t polled_us;	/* wall clock before it was last found at its end */
	int64_t quiet_us;	/* monotonic, since when the size is the same */
	int64_t retry_us;	/* monotonic, 0: it can be read */
};

enum track_result {
	TRACK_HEAD,   /* track->head is the next record */
	TRACK_NONE,   /* nothing now */
	TRACK_DAMAGE, /* *damage is no record; call again */
	TRACK_GONE,   /* removed by somebody */
	TRACK_FAIL,   /* errno */
};

MUST_CHECK struct track *track_new(const char *shelf, const char *stem);
void track_free(struct track *track);
/* Find the next record. spool: the directory of shelves. */
MUST_CHECK enum track_result track_pull(struct track *track, const char *spool,
					struct range *damage);
bool track_is_finished(const struct track *track); /* all done, and no more will come */
/* Events not done, guessed from bytes where it was not read; mean: bytes of an event. */
uint64_t track_events(const struct track *track, uint64_t mean_bytes);
/* When the first that is handed out or next was appended, about; 0: none. */
int64_t track_oldest_us(const struct track *track);
void track_grew(struct track *track, uint64_t size); /* note the size that was seen */
/*
 * Seal it if nobody owns it and it has been read to its end; its records that are not
 * known to be counted go to heir. ST_BUSY: it has an owner.
 */
MUST_CHECK enum status track_seal(struct track *track, const char *spool,
				  const struct adopt_heir *heir);
enum status track_path(const struct track *track, const char *spool, char path[SHELF_PATH]);

uint32_t track_attempts(const struct track *track, uint32_t offset);
MUST_CHECK enum status track_failed(struct track *track, uint32_t offset, uint32_t attempts);
void track_forget_attempts(struct track *track, uint32_t offset);

#endif
