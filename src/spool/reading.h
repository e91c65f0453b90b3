/*
 * reading - the private parts of the reader, shared by reader.c, load.c, find.c and merge.c.
 */
#ifndef TAMIS_SPOOL_READING_H
#define TAMIS_SPOOL_READING_H

#include "journal.h"
#include "reader.h"
#include "track.h"

/* Writers' clocks and the way from clock to write differ by less than this. */
#define SETTLE_US INT64_C(20000)

/* A user's directory, as it was when it was listed. */
struct shelf_seen {
	char name[TRACK_SHELF];
	int64_t changed_us; /* its mtime */
	bool settled;	    /* was old enough then for any later change to show in it */
};

struct spool_reader {
	char dir[SHELF_PATH - TRACK_NAME - 16];
	struct journal *journal;
	struct adopt_heir heir;
	struct track **all; /* by stem, then shelf */
	size_t n_all, cap_all;
	size_t waiting;	       /* all before this index had their turn */
	struct track **active; /* those with a number, by number */
	size_t n_active, cap_active;
	uint32_t last_number;
	struct track *current; /* gives records until one is later than limit_us */
	int64_t limit_us;
	int64_t now_us; /* wall clock when records were last merged */
	struct shelf_seen shelves[64];
	size_t n_shelves;
	struct shelf_seen top; /* the directory that those are in; it has no name here */
	int64_t checked_us; /* wall clock when the directories were last looked at */
	uint64_t damaged;
	uint64_t handed, handed_bytes;
	int64_t reached_us;
	int64_t oldest_us;
	struct buf frames; /* for the journal */
};

/* reader.c */
void reader_remove(struct spool_reader *reader, struct track *track);
/* Give it a number; it may be read from now on. */
MUST_CHECK enum status reader_activate(struct spool_reader *reader, struct track *track);
void reader_damage(struct spool_reader *reader, struct track *track, const struct range *damage);

/* find.c */
struct track *find_track(struct spool_reader *reader, const char *shelf, const char *stem);
/* ST_OK: *out is the track of that name, made if it was not known. */
MUST_CHECK enum status find_or_add(struct spool_reader *reader, const char *shelf, const char *stem,
				   struct track **out);
/* Look for new, sealed and removed segments; all: also where nothing seems to have changed. */
MUST_CHECK enum status find_segments(struct spool_reader *reader, int64_t now_us, bool all);

/* load.c */
/* Know the segments that there are and what the journal says of them. */
MUST_CHECK enum status load_marks(struct spool_reader *reader);

/* merge.c */
/* The track whose head is next in time, as of reader->now_us. ST_END: there is none. */
MUST_CHECK enum status merge_next(struct spool_reader *reader, struct track **out);

#endif
