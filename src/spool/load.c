/*
 * load - what the journal says, brought together with the segments that there are.
 *
 * The journal may be damaged, older than the segments, or newer (they went, and it
 * could not say so any more): a mark without its segment, or the other way round, is
 * left out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "reading.h"

/* Tracks by the numbers that the journal gives them, ascending. */
struct loading {
	struct spool_reader *reader;
	struct numbered {
		uint32_t number;
		struct track *track;
	} * items;
	size_t n, cap;
};

static size_t loaded_at(const struct loading *loading, uint32_t number)
{
	size_t low = 0, high = loading->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (loading->items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct track *loaded(const struct loading *loading, uint32_t number)
{
	size_t at = loaded_at(loading, number);

	if (at < loading->n && loading->items[at].number == number)
		return loading->items[at].track;
	return NULL;
}

static enum status load_insert(struct loading *loading, uint32_t number, struct track *track)
{
	size_t at = loaded_at(loading, number);

	if (loading->n == loading->cap) {
		size_t wanted = loading->cap ? 2 * loading->cap : 32;
		struct numbered *grown = realloc(loading->items, wanted * sizeof(*grown));

		if (!grown)
			return ST_NO_MEMORY;
		loading->items = grown;
		loading->cap = wanted;
	}
	memmove(loading->items + at + 1, loading->items + at,
		(loading->n - at) * sizeof(*loading->items));
	loading->items[at] = (struct numbered){number, track};
	loading->n++;
	return ST_OK;
}

static enum status load_segment(void *context, uint32_t number, const char *name)
{
	struct loading *loading = context;
	char shelf[TRACK_SHELF], file[SHELF_STEM + 8];
	const char *slash = strchr(name, '/');
	struct shelf_item item;
	struct track *track;
	enum status status;

	if (number > loading->reader->last_number)
		loading->reader->last_number = number;
	if (!slash || slash - name >= TRACK_SHELF || loaded(loading, number))
		return ST_OK;
	(void)snprintf(shelf, sizeof(shelf), "%.*s", (int)(slash - name), name);
	(void)snprintf(file, sizeof(file), "%.*s.open", SHELF_STEM, slash + 1);
	if (strspn(shelf, "0123456789") != strlen(shelf) || !shelf_name(file, &item))
		return ST_OK;
	status = find_or_add(loading->reader, shelf, item.stem, &track);
	return status == ST_OK ? load_insert(loading, number, track) : status;
}

static enum status load_done(void *context, const struct journal_mark *mark)
{
	struct track *track = loaded(context, mark->number);

	return track ? ranges_add(&track->done, mark->from, mark->to) : ST_OK;
}

static enum status load_failed(void *context, uint32_t number, uint32_t offset, uint32_t attempts)
{
	struct track *track = loaded(context, number);

	return track ? track_failed(track, offset, attempts) : ST_OK;
}

static bool has_marks(const struct track *track)
{
	return track->n_attempts || track->done.n > 1 ||
	       track->done.items[0].to > SEGMENT_HEAD_BYTES;
}

enum status load_marks(struct spool_reader *reader)
{
	struct loading loading = {.reader = reader};
	struct journal_visitor visitor = {load_segment, load_done, load_failed, &loading};
	enum status status;
	uint64_t damaged;

	status = journal_load(reader->journal, &visitor, &damaged);
	free(loading.items);
	if (damaged) {
		reader->damaged += damaged;
		log_warning("spool: the journal is damaged in %llu places; some events may be sent "
			    "again",
			    (unsigned long long)damaged);
	}
	if (status != ST_OK)
		return status;
	if (find_segments(reader, clock_wall_us(), true) == ST_NO_MEMORY)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < reader->n_all; i++) {
		if (has_marks(reader->all[i]) && reader_activate(reader, reader->all[i]) != ST_OK)
			return ST_NO_MEMORY;
	}
	return ST_OK;
}
