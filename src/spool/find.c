/*
 * find - which segments there are.
 *
 * A directory whose modification time stands still has no new names in it, so looking
 * is a stat() for each user; the clock behind that time ticks coarsely, so a directory
 * that was listed soon after it changed is listed again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reading.h"

#define MTIME_TICK_US (US_PER_S / 20)

static int order(const struct track *track, const char *shelf, const char *stem)
{
	int by_stem = strcmp(track->stem, stem);

	return by_stem ? by_stem : strcmp(track->shelf, shelf);
}

static size_t place_of(const struct spool_reader *reader, const char *shelf, const char *stem)
{
	size_t low = 0, high = reader->n_all;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(reader->all[middle], shelf, stem) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct track *find_track(struct spool_reader *reader, const char *shelf, const char *stem)
{
	size_t at = place_of(reader, shelf, stem);

	if (at < reader->n_all && order(reader->all[at], shelf, stem) == 0)
		return reader->all[at];
	return NULL;
}

enum status find_or_add(struct spool_reader *reader, const char *shelf, const char *stem,
			struct track **out)
{
	size_t at = place_of(reader, shelf, stem);

	*out = find_track(reader, shelf, stem);
	if (*out)
		return ST_OK;
	if (reader->n_all == reader->cap_all) {
		size_t wanted = reader->cap_all ? 2 * reader->cap_all : 32;
		struct track **grown = realloc(reader->all, wanted * sizeof(struct track *));

		if (!grown)
			return ST_NO_MEMORY;
		reader->all = grown;
		reader->cap_all = wanted;
	}
	*out = track_new(shelf, stem);
	if (!*out)
		return ST_NO_MEMORY;
	memmove(reader->all + at + 1, reader->all + at,
		(reader->n_all - at) * sizeof(struct track *));
	reader->all[at] = *out;
	reader->n_all++;
	if (at < reader->waiting)
		reader->waiting = at;
	return ST_OK;
}

/* How many records a sealed segment says it has. */
static void mark_note(struct spool_reader *reader, struct track *track)
{
	struct segment_head head;
	struct segment_mark mark;
	char path[SHELF_PATH];
	int fd;

	if (track_path(track, reader->dir, path) != ST_OK)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	if (segment_head_read(fd, &head, &mark) == ST_OK && mark.bytes == track->size)
		track->marked_frames = mark.frames;
	(void)close(fd);
}

static enum status item_note(struct spool_reader *reader, const char *shelf,
			     const struct shelf_item *item)
{
	struct track *track;
	enum status status = find_or_add(reader, shelf, item->stem, &track);

	if (status != ST_OK)
		return status;
	track->seen = true;
	track_grew(track, item->bytes);
	if (item->sealed && !track->sealed) {
		track->sealed = true;
		mark_note(reader, track);
	}
	return ST_OK;
}

/* Not listed: a rename may have hidden it from us, so ask for its names. */
static bool is_gone(const struct spool_reader *reader, struct track *track)
{
	char path[SHELF_PATH];
	struct stat st;

	for (int tries = 0; tries < 2; tries++) {
		if (track_path(track, reader->dir, path) != ST_OK || stat(path, &st) == 0)
			return false;
		if (track->sealed)
			return true;
		track->sealed = true;
	}
	return true;
}

/* A removed segment that is open still gives what it has; only then it is forgotten. */
static void forget_unseen(struct spool_reader *reader, const char *shelf)
{
	size_t gone = 0;

	for (size_t i = reader->n_all; i-- > 0;) {
		struct track *track = reader->all[i];

		if (track->seen || strcmp(track->shelf, shelf) != 0 || !is_gone(reader, track))
			continue;
		gone += ranges_skip(&track->done, 0) < track->size;
		if (track->scan.fd < 0 || track->complete)
			reader_remove(reader, track);
	}
	if (gone)
		log_warning("spool: %zu segments with events in them were removed", gone);
}

static enum status shelf_look(struct spool_reader *reader, const char *shelf)
{
	struct shelf_item *items;
	enum status status;
	char path[SHELF_PATH];
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", reader->dir, shelf);
	for (size_t i = 0; i < reader->n_all; i++) {
		if (strcmp(reader->all[i]->shelf, shelf) == 0)
			reader->all[i]->seen = false;
	}
	status = shelf_list(path, &items, &n);
	if (status == ST_IO)
		log_error("spool: directory %s cannot be read: %s", shelf, strerror(errno));
	if (status == ST_IO || status == ST_NO_MEMORY)
		return status;
	status = ST_OK;
	for (size_t i = 0; status == ST_OK && i < n; i++)
		status = item_note(reader, shelf, &items[i]);
	free(items);
	if (status == ST_OK)
		forget_unseen(reader, shelf);
	return status;
}

static int64_t changed_us(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * US_PER_S + st->st_mtim.tv_nsec / 1000;
}

/* Can the directory be what it was when it was listed? Notes what it is now. */
static bool is_as_seen(struct shelf_seen *seen, const char *path, int64_t now_us)
{
	struct stat st;
	bool same;

	if (stat(path, &st) < 0)
		return false;
	same = seen->settled && changed_us(&st) == seen->changed_us;
	seen->changed_us = changed_us(&st);
	seen->settled = now_us - seen->changed_us > MTIME_TICK_US;
	return same;
}

static enum status shelf_check(struct spool_reader *reader, struct shelf_seen *shelf,
			       int64_t now_us, bool all)
{
	char path[SHELF_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", reader->dir, shelf->name);
	if (is_as_seen(shelf, path, now_us) && !all)
		return ST_OK;
	return shelf_look(reader, shelf->name);
}

static bool shelf_known(const struct spool_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->n_shelves; i++) {
		if (strcmp(reader->shelves[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Users come and stay: their directories are few and never forgotten. */
static void shelves_look(struct spool_reader *reader)
{
	DIR *stream = opendir(reader->dir);
	const struct dirent *entry;

	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		size_t len = strlen(entry->d_name);
		struct shelf_seen *shelf = &reader->shelves[reader->n_shelves];

		if (len >= TRACK_SHELF || strspn(entry->d_name, "0123456789") != len ||
		    shelf_known(reader, entry->d_name))
			continue;
		if (reader->n_shelves == sizeof(reader->shelves) / sizeof(reader->shelves[0])) {
			log_error("spool: more than %zu users' directories", reader->n_shelves);
			break;
		}
		memset(shelf, 0, sizeof(*shelf));
		memcpy(shelf->name, entry->d_name, len + 1);
		reader->n_shelves++;
	}
	(void)closedir(stream);
}

enum status find_segments(struct spool_reader *reader, int64_t now_us, bool all)
{
	enum status status = ST_OK;

	if (!is_as_seen(&reader->top, reader->dir, now_us) || all)
		shelves_look(reader);
	for (size_t i = 0; status != ST_NO_MEMORY && i < reader->n_shelves; i++) {
		enum status one = shelf_check(reader, &reader->shelves[i], now_us, all);

		if (one != ST_OK)
			status = one;
	}
	reader->checked_us = now_us;
	return status;
}
