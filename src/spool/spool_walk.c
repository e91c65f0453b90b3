/*
 * spool_walk - files by their names, frames by scan; a tail that is being written is no damage.
 */
#include "spool_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "letter.h"
#include "scan.h"
#include "shelf.h"

#define WALK_ARENA_BYTES ((size_t)64 << 20)

struct walk {
	spool_visit_fn *visit, *damage;
	void *context;
	struct arena *arena;
	int stop;
};

static enum status frame_walk(struct walk *walk, const char *path, const struct scan *scan,
			      const struct frame *frame, bool dead)
{
	const uint8_t *record = frame->record;
	size_t len = frame->length;
	struct clean *clean;
	enum status status;

	if (dead)
		letter_open(&record, &len, NULL);
	arena_reset(walk->arena);
	status = clean_read(&clean, walk->arena, record, len);
	if (status == ST_OK)
		walk->stop = walk->visit(walk->context, path, scan->at, clean, &frame->stamp);
	else if (status == ST_CORRUPT)
		walk->stop = walk->damage(walk->context, path, scan->at, NULL, &frame->stamp);
	return status == ST_CORRUPT ? ST_OK : status;
}

/* live: its tail may be half-written. */
static enum status file_walk(struct walk *walk, const char *path, bool live)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum status status = ST_OK;
	struct segment_head head;
	struct segment_mark mark;
	enum scan_result result;
	struct frame frame;
	struct scan scan;

	if (fd < 0)
		return errno == ENOENT ? ST_OK : ST_IO;
	if (segment_head_read(fd, &head, &mark) != ST_OK)
		walk->stop = walk->damage(walk->context, path, 0, NULL, NULL);
	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while (status == ST_OK && !walk->stop) {
		result = scan_next(&scan, &frame);
		if (result == SCAN_FRAME)
			status = frame_walk(walk, path, &scan, &frame, head.kind == SEGMENT_DEAD);
		else if (result == SCAN_DAMAGE || (result == SCAN_TAIL && !live))
			walk->stop = walk->damage(walk->context, path, scan.at, NULL, NULL);
		if (result == SCAN_FAIL)
			status = ST_IO;
		if (result != SCAN_FRAME && result != SCAN_DAMAGE)
			break;
	}
	scan_rest(&scan);
	(void)close(fd);
	return status;
}

static enum status shelf_walk(struct walk *walk, const char *dir)
{
	struct shelf_item *items;
	enum status status;
	char path[SHELF_PATH];
	size_t n;

	status = shelf_list(dir, &items, &n);
	for (size_t i = 0; status == ST_OK && !walk->stop && i < n; i++) {
		status = shelf_path(path, dir, items[i].stem, items[i].sealed);
		if (status != ST_OK)
			break;
		/* It may have been sealed since. */
		if (!items[i].sealed && access(path, F_OK) < 0)
			status = shelf_path(path, dir, items[i].stem, true);
		if (status == ST_OK)
			status = file_walk(walk, path, !items[i].sealed);
	}
	free(items);
	return status == ST_NOT_FOUND ? ST_OK : status;
}

static int is_walked(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return strspn(entry->d_name, "0123456789") == len || letter_file(entry->d_name, NULL);
}

enum status spool_walk(const char *dir, spool_visit_fn *visit, spool_visit_fn *damage,
		       void *context)
{
	struct walk walk = {visit, damage, context, NULL, 0};
	enum status status = ST_OK;
	struct dirent **entries;
	char path[SHELF_PATH];
	int n = scandir(dir, &entries, is_walked, alphasort);

	if (n < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	walk.arena = arena_new(WALK_ARENA_BYTES);
	if (!walk.arena)
		status = ST_NO_MEMORY;
	for (int i = 0; i < n; i++) {
		if (status == ST_OK && !walk.stop &&
		    snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name) < SHELF_PATH)
			status = letter_file(entries[i]->d_name, NULL)
				     ? file_walk(&walk, path, false)
				     : shelf_walk(&walk, path);
		free(entries[i]);
	}
	free(entries);
	if (walk.arena)
		arena_free(walk.arena);
	return status;
}

static void file_measure(const char *path, struct spool_amount *amount)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct frame frame;
	struct scan scan;

	if (fd < 0)
		return;
	amount->events += shelf_frames(fd);
	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while (scan_next(&scan, &frame) == SCAN_DAMAGE)
		;
	if (scan.at != scan.pos && (!amount->oldest_us || frame.time_us < amount->oldest_us))
		amount->oldest_us = frame.time_us;
	scan_rest(&scan);
	(void)close(fd);
}

static enum status shelf_measure(const char *dir, struct spool_amount *amount)
{
	struct shelf_item *items;
	enum status status;
	char path[SHELF_PATH];
	size_t n;

	status = shelf_list(dir, &items, &n);
	for (size_t i = 0; status == ST_OK && i < n; i++) {
		status = shelf_path(path, dir, items[i].stem, items[i].sealed);
		amount->bytes += items[i].bytes;
		amount->segments++;
		if (status == ST_OK)
			file_measure(path, amount);
	}
	free(items);
	return status == ST_NOT_FOUND ? ST_OK : status;
}

enum status spool_measure(const char *dir, struct spool_amount *amount)
{
	enum status status = ST_OK;
	struct dirent **entries;
	char path[SHELF_PATH];
	int n = scandir(dir, &entries, is_walked, alphasort);

	memset(amount, 0, sizeof(*amount));
	if (n < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	for (int i = 0; i < n; i++) {
		if (status == ST_OK && !letter_file(entries[i]->d_name, NULL) &&
		    snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name) < SHELF_PATH)
			status = shelf_measure(path, amount);
		free(entries[i]);
	}
	free(entries);
	return status;
}
