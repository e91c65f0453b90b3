/*
 * snapshot - see snapshot.h.
 */
#include "snapshot.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "day.h"
#include "entropy.h"
#include "file.h"
#include "release.h"

#define JOURNAL_BYTES ((size_t)64 * 1024 * 1024)
#define LINE_BYTES 128

/* "METRIC DAY", a line each, in the order in which they were released. */
struct journal {
	int fd; /* locked: one snapshot at a time on this machine */
	struct buf text;
	bool torn; /* the last line has no end: a crash cut it */
};

static enum status journal_open(struct journal *journal, const char *path, struct reason *why)
{
	enum status status;

	buf_init(&journal->text, JOURNAL_BYTES);
	journal->fd = file_open_shared(path, O_RDWR | O_APPEND, 0660);
	if (journal->fd < 0 || flock(journal->fd, LOCK_EX))
		return reason_set_path(why, ST_IO, path);
	buf_addc(&journal->text, '\n');
	status = file_read(path, &journal->text);
	journal->torn = journal->text.len && journal->text.data[journal->text.len - 1] != '\n';
	return status == ST_OK ? ST_OK : reason_set_path(why, status, path);
}

static void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	buf_free(&journal->text);
}

static void journal_line(char line[LINE_BYTES], const char *metric, int32_t day)
{
	char text[DAY_BYTES];

	snprintf(line, LINE_BYTES, "\n%s %s\n", metric, day_text(text, day));
}

static bool journal_has(const struct journal *journal, const char *metric, int32_t day)
{
	char line[LINE_BYTES];

	journal_line(line, metric, day);
	return memmem(journal->text.data, journal->text.len, line, strlen(line)) != NULL;
}

static enum status journal_add(struct journal *journal, const char *metric, int32_t day,
			       struct reason *why)
{
	char line[LINE_BYTES];

	if (journal_has(journal, metric, day))
		return ST_OK;
	journal_line(line, metric, day);
	const char *from = line + (journal->torn ? 0 : 1);
	if (file_write_all(journal->fd, from, strlen(from)) != ST_OK || fdatasync(journal->fd))
		return reason_set(why, ST_IO, "the journal of releases cannot be written");
	journal->torn = false;
	buf_adds(&journal->text, line + 1);
	return ST_OK;
}

static enum status see(void *context, const struct release *release)
{
	(void)release;
	*(bool *)context = true;
	return ST_OK;
}

static enum status is_released(struct store *store, const char *metric, int32_t from, int32_t to,
			       bool *released, struct reason *why)
{
	*released = false;
	return release_read(store, metric, from, to, see, released, why);
}

struct taking {
	struct store *store;
	struct journal *journal;
	struct entropy *entropy;
	struct snapshot_done *done;
};

static enum status take(const struct taking *taking, const struct measure *measure, int32_t day,
			struct reason *why)
{
	char text[DAY_BYTES];
	enum status status;
	bool released;

	status = is_released(taking->store, measure->name, day, day, &released, why);
	if (status == ST_OK && !released && journal_has(taking->journal, measure->name, day))
		status =
		    reason_set(why, ST_DENIED,
			       "%s, %s: was released before, and the store does not know of it: "
			       "it comes from a backup; it is not released a second time",
			       measure->name, day_text(text, day));
	if (status == ST_OK)
		status = release_make(taking->store, measure, day, taking->entropy, why);
	taking->done->made += status == ST_OK;
	taking->done->there += status == ST_END;
	taking->done->refused += status == ST_DENIED;
	if (status == ST_OK || status == ST_END)
		status = journal_add(taking->journal, measure->name, day, why);
	return status;
}

static enum status take_all(const struct taking *taking, const struct registry *registry,
			    int32_t from, int32_t to, struct reason *why)
{
	enum status first = ST_OK;

	for (size_t i = 0; i < registry_size(registry); i++) {
		const struct measure *measure = registry_at(registry, i);
		for (int32_t day = from; day <= to && measure->mechanism != MECHANISM_NONE; day++) {
			struct reason failure = {""};
			enum status status = take(taking, measure, day, &failure);
			if (status != ST_OK && first == ST_OK) {
				first = status;
				*why = failure;
			}
		}
	}
	return first;
}

enum status snapshot_take(struct store *store, const struct registry *registry, const char *journal,
			  int32_t from, int32_t to, int32_t today, struct snapshot_done *done,
			  struct reason *why)
{
	struct taking taking = {.store = store, .done = done};
	struct journal book = {.fd = -1};
	enum status status;

	*done = (struct snapshot_done){0};
	if (to >= today)
		return reason_set(why, ST_USAGE, "a day is released when it is over, not before");
	status = entropy_open(&taking.entropy);
	if (status != ST_OK)
		return reason_set(why, status, "no randomness: nothing is released");
	status = journal_open(&book, journal, why);
	taking.journal = &book;
	if (status == ST_OK)
		status = take_all(&taking, registry, from, to, why);
	if (status == ST_OK && done->made) /* the true counts' bytes, too */
		status = store_compact(store, why);
	journal_close(&book);
	entropy_close(taking.entropy);
	return status;
}

/* The last day of a metric's releases that are known. */
static enum status last_day(void *context, const struct release *release)
{
	int32_t *last = context;

	return day_parse(last, release_day(release), strlen(release_day(release)));
}

enum status snapshot_due(struct store *store, const struct registry *registry, int32_t today,
			 int32_t days, int32_t *from, struct reason *why)
{
	enum status status = ST_OK;

	*from = today - 1;
	for (size_t i = 0; i < registry_size(registry) && status == ST_OK; i++) {
		const struct measure *measure = registry_at(registry, i);
		int32_t last = today - 1;
		if (measure->mechanism == MECHANISM_NONE)
			continue;
		status = release_read(store, measure->name, today - 1 - days, today - 1, last_day,
				      &last, why);
		if (last + 1 < *from)
			*from = last + 1;
	}
	return status;
}
