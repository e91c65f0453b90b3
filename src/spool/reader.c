/*
 * reader - hands out, marks, and throws away what is finished.
 *
 * A mark is a range of bytes of one segment. Such a range never changes its meaning:
 * intact frames are never cut off, and a segment that a power cut may have shortened
 * is not continued. So a journal that lost marks repeats, and none can hide a record.
 */
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "log.h"
#include "reading.h"
#include "reserve.h"

/* Until a reader seals what nobody owns: processes of one request may come back to it. */
#define ORPHAN_QUIET_US (2 * US_PER_S)
#define FRAMES_MAX ((size_t)64 << 20)

static struct track *track_numbered(const struct spool_reader *reader, uint32_t number)
{
	size_t low = 0, high = reader->n_active;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reader->active[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < reader->n_active && reader->active[low]->number == number)
		return reader->active[low];
	return NULL;
}

static size_t index_of(struct track *const *tracks, size_t n, const struct track *track)
{
	size_t i = 0;

	while (i < n && tracks[i] != track)
		i++;
	return i;
}

void reader_remove(struct spool_reader *reader, struct track *track)
{
	size_t at = index_of(reader->all, reader->n_all, track);

	memmove(reader->all + at, reader->all + at + 1,
		(reader->n_all - at - 1) * sizeof(struct track *));
	reader->n_all--;
	if (at < reader->waiting)
		reader->waiting--;
	at = index_of(reader->active, reader->n_active, track);
	if (at < reader->n_active) {
		memmove(reader->active + at, reader->active + at + 1,
			(reader->n_active - at - 1) * sizeof(struct track *));
		reader->n_active--;
	}
	if (reader->current == track)
		reader->current = NULL;
	track_free(track);
}

static void put_segment(struct spool_reader *reader, const struct track *track)
{
	char name[TRACK_NAME];

	(void)snprintf(name, sizeof(name), "%s/%s", track->shelf, track->stem);
	journal_put_segment(&reader->frames, track->number, name);
}

/* What could not be written is in memory and goes in with the next rewriting. */
static enum status frames_write(struct spool_reader *reader)
{
	enum status status = journal_write(reader->journal, &reader->frames);

	buf_reset(&reader->frames);
	return status;
}

enum status reader_activate(struct spool_reader *reader, struct track *track)
{
	if (reader->n_active == reader->cap_active) {
		size_t wanted = reader->cap_active ? 2 * reader->cap_active : 32;
		struct track **grown = realloc(reader->active, wanted * sizeof(struct track *));

		if (!grown)
			return ST_NO_MEMORY;
		reader->active = grown;
		reader->cap_active = wanted;
	}
	track->number = ++reader->last_number;
	reader->active[reader->n_active++] = track;
	put_segment(reader, track);
	(void)frames_write(reader);
	return ST_OK;
}

void reader_damage(struct spool_reader *reader, struct track *track, const struct range *damage)
{
	struct journal_mark mark = {track->number, damage->from, damage->to};

	reader->damaged++;
	log_warning("spool: %u damaged bytes in segment %s/%s are skipped",
		    damage->to - damage->from, track->shelf, track->stem);
	if (ranges_add(&track->done, damage->from, damage->to) != ST_OK)
		return;
	journal_put_done(&reader->frames, &mark, 1);
	(void)frames_write(reader);
}

static void put_track(struct spool_reader *reader, const struct track *track)
{
	put_segment(reader, track);
	for (size_t i = 0; i < track->done.n; i++) {
		const struct range *range = &track->done.items[i];
		struct journal_mark mark = {track->number, range->from, range->to};

		journal_put_done(&reader->frames, &mark, 1);
	}
	for (size_t i = 0; i < track->n_attempts; i++) {
		if (ranges_skip(&track->done, track->attempts[i].offset) ==
		    track->attempts[i].offset)
			journal_put_failed(&reader->frames, track->number,
					   track->attempts[i].offset, track->attempts[i].n);
	}
}

static enum status reader_rewrite(struct spool_reader *reader)
{
	enum status status;

	buf_reset(&reader->frames);
	for (size_t i = 0; i < reader->n_active; i++)
		put_track(reader, reader->active[i]);
	status = journal_rewrite(reader->journal, &reader->frames);
	buf_free(&reader->frames);
	return status;
}

/* A full disk must not keep the reader from making room: it works without a journal then. */
static enum status reader_load(struct spool_reader *reader)
{
	enum status status = load_marks(reader);

	if (status != ST_OK)
		return status;
	if (reader_rewrite(reader) == ST_IO)
		log_error("spool: the journal cannot be written: %s", strerror(errno));
	return ST_OK;
}

enum status spool_reader_open(struct spool_reader **out, const char *dir,
			      const char *checkpoint_dir, struct reason *why)
{
	struct spool_reader *reader = calloc(1, sizeof(*reader));
	enum status status;

	if (!reader)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	buf_init(&reader->frames, FRAMES_MAX);
	if (snprintf(reader->dir, sizeof(reader->dir), "%s", dir) >= (int)sizeof(reader->dir)) {
		errno = ENAMETOOLONG;
		status = reason_set(why, ST_IO, "spool directory %s: %s", dir, strerror(errno));
	} else {
		reserve_give(dir);
		status = journal_open(&reader->journal, checkpoint_dir, why);
	}
	if (status == ST_OK) {
		status = reader_load(reader);
		if (status != ST_OK)
			reason_set(why, status, "journal in %s: %s", checkpoint_dir,
				   status == ST_IO ? strerror(errno) : status_text(status));
	}
	if (status != ST_OK) {
		spool_reader_close(reader);
		return status;
	}
	*out = reader;
	return ST_OK;
}

void spool_reader_close(struct spool_reader *reader)
{
	if (!reader)
		return;
	if (reader->journal && journal_sync(reader->journal) != ST_OK)
		log_error("spool: the journal cannot be synced: %s", strerror(errno));
	journal_close(reader->journal);
	for (size_t i = 0; i < reader->n_all; i++)
		track_free(reader->all[i]);
	free(reader->all);
	free(reader->active);
	buf_free(&reader->frames);
	free(reader);
}

void spool_reader_on_orphan(struct spool_reader *reader,
			    void (*orphan)(void *context, const struct stamp *stamp,
					   const struct clean *clean),
			    void *context)
{
	reader->heir = (struct adopt_heir){.orphan = orphan, .context = context};
}

/* A time in the future: the clock jumped back, nothing to wait for. */
static bool is_ripe(int64_t time_us, int64_t now_us)
{
	return time_us <= now_us - SETTLE_US || time_us > now_us + SETTLE_US;
}

enum status spool_reader_next(struct spool_reader *reader, struct arena *arena,
			      struct clean **clean, struct spool_place *place, struct stamp *stamp,
			      unsigned *attempts)
{
	struct track *track;
	enum status status;

	for (;;) {
		status = merge_next(reader, &track);
		if (status != ST_OK)
			return status;
		if (!is_ripe(track->head.time_us, reader->now_us))
			return ST_END;
		status = clean_read(clean, arena, track->head.record, track->head.length);
		if (status != ST_OK && status != ST_CORRUPT)
			return status;
		track->has_head = false;
		track->outstanding++;
		if (status == ST_OK)
			break;
		/* Intact, so of another version: not sent, not thrown away. */
		log_error("spool: an event of an unknown version is left on the spool");
	}
	*place = (struct spool_place){track->number, track->head_at, frame_bytes(&track->head)};
	if (stamp)
		*stamp = track->head.stamp;
	*attempts = track->n_attempts ? track_attempts(track, track->head_at) : 0;
	reader->reached_us = track->head.time_us;
	reader->handed++;
	reader->handed_bytes += place->length;
	return ST_OK;
}

int64_t spool_reader_reached_us(const struct spool_reader *reader)
{
	return reader->reached_us;
}

/* Marks on their way to the journal. */
struct marks {
	struct journal_mark items[JOURNAL_MARKS];
	size_t n;
};

/* Marks of neighbours become one. */
static void mark_add(struct spool_reader *reader, struct marks *marks, uint32_t number,
		     uint32_t from, uint32_t to)
{
	struct journal_mark *last = marks->n ? &marks->items[marks->n - 1] : NULL;

	if (last && last->number == number && last->to == from) {
		last->to = to;
		return;
	}
	if (marks->n == JOURNAL_MARKS) {
		journal_put_done(&reader->frames, marks->items, marks->n);
		marks->n = 0;
	}
	marks->items[marks->n++] = (struct journal_mark){number, from, to};
}

static enum status place_done(struct spool_reader *reader, const struct spool_place *place,
			      struct marks *marks)
{
	struct track *track = track_numbered(reader, place->segment);
	uint32_t to = place->offset + place->length;
	enum status status;

	if (!track)
		return ST_OK;
	status = ranges_take(&track->done, place->offset, to);
	if (status != ST_OK)
		return status == ST_BUSY ? ST_OK : status;
	if (track->outstanding)
		track->outstanding--;
	if (track->n_attempts)
		track_forget_attempts(track, place->offset);
	mark_add(reader, marks, place->segment, place->offset, to);
	return ST_OK;
}

enum status spool_reader_done(struct spool_reader *reader, const struct spool_place *places,
			      size_t n)
{
	enum status status = ST_OK, written;
	struct marks marks;

	marks.n = 0;
	for (size_t i = 0; status == ST_OK && i < n; i++)
		status = place_done(reader, &places[i], &marks);
	if (!marks.n)
		return status;
	journal_put_done(&reader->frames, marks.items, marks.n);
	written = frames_write(reader);
	return status == ST_OK ? written : status;
}

enum status spool_reader_failed(struct spool_reader *reader, const struct spool_place *place)
{
	struct track *track = track_numbered(reader, place->segment);
	enum status status;
	uint32_t attempts;

	if (!track)
		return ST_OK;
	attempts = track_attempts(track, place->offset) + 1;
	status = track_failed(track, place->offset, attempts);
	if (status != ST_OK)
		return status;
	journal_put_failed(&reader->frames, track->number, place->offset, attempts);
	return frames_write(reader);
}

static void seal_orphans(struct spool_reader *reader)
{
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < reader->n_active; i++) {
		struct track *track = reader->active[i];
		enum status status;

		if (track->sealed || track->foreign || track->has_head || !track->at_end ||
		    now_us - track->quiet_us < ORPHAN_QUIET_US)
			continue;
		status = track_seal(track, reader->dir, &reader->heir);
		if (status != ST_OK && status != ST_BUSY)
			log_warning("spool: an abandoned segment cannot be sealed: %s",
				    status == ST_IO ? strerror(errno) : status_text(status));
	}
}

/* The journal that says they are done is synced; the next one need not mention them. */
static void unlink_finished(struct spool_reader *reader)
{
	char path[SHELF_PATH];
	bool any = false;

	for (size_t i = reader->n_active; i-- > 0;) {
		struct track *track = reader->active[i];

		if (!track_is_finished(track) || track_path(track, reader->dir, path) != ST_OK)
			continue;
		if (unlink(path) < 0 && errno != ENOENT) {
			log_error("spool: a finished segment cannot be removed: %s",
				  strerror(errno));
			continue;
		}
		reader_remove(reader, track);
		any = true;
	}
	for (size_t i = 0; any && i < reader->n_shelves; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", reader->dir, reader->shelves[i].name);
		(void)!file_sync_dir(path);
	}
}

static void note_oldest(struct spool_reader *reader)
{
	int64_t oldest_us = 0;

	for (size_t i = 0; i < reader->n_all; i++) {
		int64_t one_us = track_oldest_us(reader->all[i]);

		if (one_us && (!oldest_us || one_us < oldest_us))
			oldest_us = one_us;
		/* Those behind the first that waits were made later. */
		if (!reader->all[i]->number)
			break;
	}
	reader->oldest_us = oldest_us;
}

enum status spool_reader_tick(struct spool_reader *reader)
{
	enum status status = journal_reclaim(reader->journal), found;

	if (status != ST_OK)
		return status;
	if (journal_is_due(reader->journal))
		status = reader_rewrite(reader);
	else
		status = journal_sync(reader->journal);
	/* On a full disk what is finished goes before the journal says so, or nothing would. */
	if (status == ST_OK || (status == ST_IO && (errno == ENOSPC || errno == EDQUOT)))
		unlink_finished(reader);
	found = find_segments(reader, clock_wall_us(), true);
	seal_orphans(reader);
	note_oldest(reader);
	return status == ST_OK ? found : status;
}

void spool_reader_stats(const struct spool_reader *reader, struct spool_stats *stats)
{
	uint64_t mean = reader->handed ? reader->handed_bytes / reader->handed : 400;

	memset(stats, 0, sizeof(*stats));
	stats->segments = reader->n_all;
	stats->damaged = reader->damaged;
	stats->oldest_us = reader->oldest_us;
	for (size_t i = 0; i < reader->n_all; i++) {
		stats->bytes += reader->all[i]->size;
		stats->events += track_events(reader->all[i], mean);
	}
}
