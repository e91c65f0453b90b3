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
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "dead.h"
#include "file.h"
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

/* Where letters go that stay: a new file beside the old one, which it replaces in the end. */
struct rest {
	char path[SHELF_PATH + sizeof(".new")];
	int fd;
	size_t letters;
};

/* old: the file, whose owner the new one gets, if we may give it away. */
static enum status rest_open(struct rest *rest, const char *path, int old)
{
	struct segment_head head = {SEGMENT_DEAD, clock_wall_us(), 0};
	struct stat about;

	(void)snprintf(rest->path, sizeof(rest->path), "%s.new", path);
	rest->letters = 0;
	rest->fd = open(rest->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (rest->fd < 0 || fstat(old, &about) < 0)
		return ST_IO;
	if (geteuid() == 0 && fchown(rest->fd, about.st_uid, about.st_gid) < 0)
		return ST_IO;
	return segment_head_write(rest->fd, &head);
}

static enum status rest_add(struct rest *rest, const struct frame *frame)
{
	uint8_t head[FRAME_HEAD_BYTES];
	enum status status;

	frame_encode(head, frame);
	status = file_write_all(rest->fd, head, sizeof(head));
	rest->letters++;
	return status == ST_OK ? file_write_all(rest->fd, frame->record, frame->length) : status;
}

/* The rest takes the file's place, or the file goes when there is none. */
static enum status rest_close(struct rest *rest, const char *dir, const char *path,
			      enum status status)
{
	int saved;

	if (status == ST_OK && rest->letters &&
	    (fsync(rest->fd) < 0 || rename(rest->path, path) < 0))
		status = ST_IO;
	else if (status == ST_OK && !rest->letters && unlink(path) < 0)
		status = ST_IO;
	saved = errno;
	if (rest->fd >= 0)
		(void)close(rest->fd);
	if (status != ST_OK || !rest->letters)
		(void)unlink(rest->path);
	errno = saved;
	return status == ST_OK ? file_sync_dir(dir) : status;
}

/*
 * rest NULL: only looked at. Letters of an unknown version are passed by, and stay. After a
 * failed visit nothing more is visited and all that was not yet taken stays.
 */
static enum status frames_visit(int fd, const char *name, struct rest *rest, dead_visit_fn *visit,
				void *context, enum status *visited)
{
	struct arena *arena = arena_new(WALK_ARENA_BYTES);
	enum status status = arena ? ST_OK : ST_NO_MEMORY, letter;
	enum scan_result result;
	struct frame frame;
	struct scan scan;

	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while (status == ST_OK && (rest || *visited == ST_OK)) {
		result = scan_next(&scan, &frame);
		if (result == SCAN_FAIL)
			status = ST_IO;
		if (result > SCAN_DAMAGE)
			break;
		if (result == SCAN_DAMAGE)
			continue;
		letter = *visited == ST_OK ? letter_visit(name, &frame, arena, visit, context)
					   : ST_NOT_FOUND;
		if (letter != ST_OK && rest)
			status = rest_add(rest, &frame);
		if (letter != ST_OK && letter != ST_NOT_FOUND && letter != ST_CORRUPT)
			*visited = letter;
	}
	scan_rest(&scan);
	if (arena)
		arena_free(arena);
	return status;
}

static enum status file_visit(const char *path, const char *name, dead_visit_fn *visit,
			      void *context)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum status visited = ST_OK, status = ST_IO;

	if (fd < 0)
		return ST_IO;
	status = frames_visit(fd, name, NULL, visit, context, &visited);
	(void)close(fd);
	return status == ST_OK ? visited : status;
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

static enum status file_take(const char *dir, const char *name, dead_visit_fn *visit, void *context)
{
	enum status visited = ST_OK, status = ST_OK;
	struct rest rest = {.fd = -1};
	char path[SHELF_PATH];
	bool taken = false;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)letter_file(name, &taken);
	if (!taken)
		status = file_rename(dir, name, path);
	if (status != ST_OK)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return ST_IO;
	status = rest_open(&rest, path, fd);
	if (status == ST_OK)
		status = frames_visit(fd, name, &rest, visit, context, &visited);
	status = rest_close(&rest, dir, path, status);
	(void)close(fd);
	return status == ST_OK ? visited : status;
}

static int is_letters(const struct dirent *entry)
{
	return letter_file(entry->d_name, NULL);
}

/* By day; what was taken of a day came before what was added to it since. */
static int by_age(const struct dirent **a, const struct dirent **b)
{
	int day = strncmp((*a)->d_name, (*b)->d_name, LETTER_DAY - 1);
	bool a_taken = false, b_taken = false;

	(void)letter_file((*a)->d_name, &a_taken);
	(void)letter_file((*b)->d_name, &b_taken);
	if (day || a_taken == b_taken)
		return day ? day : strcmp((*a)->d_name, (*b)->d_name);
	return a_taken ? -1 : 1;
}

static enum status letters_visit(const char *dir, bool take, dead_visit_fn *visit, void *context)
{
	enum status status = ST_OK;
	struct dirent **entries;
	char path[SHELF_PATH];
	int n = scandir(dir, &entries, is_letters, by_age);

	if (n < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (status == ST_OK &&
		    snprintf(path, sizeof(path), "%s/%s", dir, name) < SHELF_PATH)
			status = take ? file_take(dir, name, visit, context)
				      : file_visit(path, name, visit, context);
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
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status status;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		status = errno == EWOULDBLOCK ? ST_BUSY : ST_IO;
	else
		status = letters_visit(dir, true, visit, context);
	(void)close(fd);
	return status;
}

struct expiry {
	int64_t before_us;
	uint64_t removed;
};

static enum status see_oldest(void *context, const struct dead_letter *letter)
{
	struct expiry *expiry = context;

	expiry->removed = letter->dead_us < expiry->before_us;
	return ST_END;
}

static enum status expire(void *context, const struct dead_letter *letter)
{
	struct expiry *expiry = context;

	if (letter->dead_us >= expiry->before_us)
		return ST_NOT_FOUND;
	expiry->removed++;
	return ST_OK;
}

enum status dead_expire(const char *dir, int64_t before_us, uint64_t *removed)
{
	struct expiry expiry = {before_us, 0};
	enum status status = dead_walk(dir, see_oldest, &expiry);

	*removed = 0;
	if (status != ST_END || !expiry.removed)
		return status == ST_END || status == ST_NOT_FOUND ? ST_OK : status;
	expiry.removed = 0;
	status = dead_take(dir, expire, &expiry);
	*removed = expiry.removed;
	return status;
}
