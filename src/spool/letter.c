/*
 * letter - reading dead letters, and taking them away.
 */
#include "letter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "dead.h"
#include "scan.h"
#include "shelf.h"

#define TAKEN ".taken"
#define WALK_ARENA_BYTES ((size_t)64 << 20)

bool letter_file(const char *name, bool *taken)
{
	static const char shape[] = "dddd-dd-dd.dead";
	size_t len = strlen(name), suffix = strlen(TAKEN), i = 0;
	bool is_taken = len > suffix && strcmp(name + len - suffix, TAKEN) == 0;

	for (; shape[i]; i++) {
		bool digit = name[i] >= '0' && name[i] <= '9';

		if (shape[i] == 'd' && i < 10 ? !digit : name[i] != shape[i])
			return false;
	}
	if (taken)
		*taken = is_taken;
	return is_taken || !name[i];
}

void letter_open(const uint8_t **record, size_t *len, struct letter *letter)
{
	size_t max = *len < LETTER_REASON_MAX ? *len : LETTER_REASON_MAX;
	const uint8_t *end = memchr(*record, '\n', max);
	char line[LETTER_REASON_MAX] = "";
	const char *space;

	if (!end)
		return;
	memcpy(line, *record, (size_t)(end - *record));
	*len -= (size_t)(end + 1 - *record);
	*record = end + 1;
	if (!letter)
		return;
	space = strchr(line, ' ');
	letter->status = (int)strtol(line, NULL, 10);
	(void)snprintf(letter->text, sizeof(letter->text), "%s", space ? space + 1 : "");
}

static enum status letter_visit(const char *file, const struct frame *frame, struct arena *arena,
				dead_visit_fn *visit, void *context)
{
	const uint8_t *record = frame->record;
	struct letter reason = {0, ""};
	size_t len = frame->length;
	struct dead_letter letter;
	struct clean *clean;
	enum status status;

	letter_open(&record, &len, &reason);
	arena_reset(arena);
	status = clean_read(&clean, arena, record, len);
	if (status != ST_OK)
		return status;
	letter = (struct dead_letter){.file = file,
				      .dead_us = frame->time_us,
				      .status = reason.status,
				      .text = reason.text,
				      .stamp = &frame->stamp,
				      .clean = clean};
	return visit(context, &letter);
}

/* Letters of an unknown version keep a file from being removed, but not from being read. */
static enum status file_visit(const char *path, const char *name, dead_visit_fn *visit,
			      void *context)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct arena *arena = arena_new(WALK_ARENA_BYTES);
	enum scan_result result = SCAN_END;
	enum status status = fd < 0 ? ST_IO : arena ? ST_OK : ST_NO_MEMORY;
	bool unknown = false;
	struct frame frame;
	struct scan scan;

	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while (status == ST_OK && (result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
		if (result == SCAN_FRAME)
			status = letter_visit(name, &frame, arena, visit, context);
		if (status == ST_CORRUPT) {
			unknown = true;
			status = ST_OK;
		}
	}
	scan_rest(&scan);
	if (arena)
		arena_free(arena);
	if (fd >= 0)
		(void)close(fd);
	if (result == SCAN_FAIL)
		return ST_IO;
	return status == ST_OK && unknown ? ST_CORRUPT : status;
}

/* Out of the forwarder's hands: it adds under this lock, and looks at the name first. */
static enum status file_rename(const char *dir, const char *name, char path[SHELF_PATH])
{
	char taken[SHELF_PATH];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum status status = ST_OK;

	if (fd < 0)
		return ST_IO;
	if (snprintf(taken, sizeof(taken), "%s/%s.%" PRId64 TAKEN, dir, name, clock_wall_us()) >=
	    SHELF_PATH) {
		errno = ENAMETOOLONG;
		status = ST_IO;
	} else if (flock(fd, LOCK_EX) < 0 || rename(path, taken) < 0) {
		status = ST_IO;
	} else {
		memcpy(path, taken, sizeof(taken));
	}
	(void)close(fd);
	return status;
}

static int is_letters(const struct dirent *entry)
{
	return letter_file(entry->d_name, NULL);
}

static enum status letters_visit(const char *dir, bool take, dead_visit_fn *visit, void *context)
{
	enum status status = ST_OK;
	struct dirent **entries;
	char path[SHELF_PATH];
	int n = scandir(dir, &entries, is_letters, alphasort);

	if (n < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		bool taken = false;

		if (status == ST_OK &&
		    snprintf(path, sizeof(path), "%s/%s", dir, name) < SHELF_PATH) {
			(void)letter_file(name, &taken);
			if (take && !taken)
				status = file_rename(dir, name, path);
			if (status == ST_OK)
				status = file_visit(path, name, visit, context);
			if (status == ST_OK && take && unlink(path) < 0)
				status = ST_IO;
			if (status == ST_CORRUPT)
				status = ST_OK;
		}
		free(entries[i]);
	}
	free(entries);
	return status;
}

enum status dead_walk(const char *dir, dead_visit_fn *visit, void *context)
{
	return letters_visit(dir, false, visit, context);
}

enum status dead_take(const char *dir, dead_visit_fn *visit, void *context)
{
	return letters_visit(dir, true, visit, context);
}
