/*
 * cmd_spool - `tamis spool ls|cat|verify`: look at the spool and the dead letters,
 * disturbing neither writers nor the forwarder.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "dead.h"
#include "spool_walk.h"
#include "state.h"

#define PATH_BYTES 1024
#define LINE_BYTES ((size_t)64 * 1024 * 1024)

/* What was seen of one segment, and of all. */
struct tally {
	char segment[PATH_BYTES];
	uint64_t events, damaged;
	int64_t oldest_us, newest_us;
	uint64_t all_events, all_damaged;
};

static void print_time(int64_t us)
{
	time_t seconds = (time_t)(us / US_PER_S);
	char text[32];
	struct tm tm;

	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	printf("  %20s", us ? text : "-");
}

static void print_segment(const struct tally *tally)
{
	struct stat st;

	if (!*tally->segment)
		return;
	printf("%12" PRIu64 " %10" PRIu64 " %8" PRIu64,
	       stat(tally->segment, &st) == 0 ? (uint64_t)st.st_size : 0, tally->events,
	       tally->damaged);
	print_time(tally->oldest_us);
	print_time(tally->newest_us);
	printf("  %s\n", tally->segment);
}

/* Segments come one after the other: another name ends the one before. */
static void turn_to(struct tally *tally, const char *segment)
{
	if (strcmp(tally->segment, segment) == 0)
		return;
	print_segment(tally);
	(void)snprintf(tally->segment, sizeof(tally->segment), "%s", segment);
	tally->events = tally->damaged = 0;
	tally->oldest_us = tally->newest_us = 0;
}

static int list_event(void *context, const char *segment, uint64_t offset,
		      const struct clean *clean, const struct stamp *stamp)
{
	struct tally *tally = context;
	int64_t received_us = clean_received_us(clean);

	(void)offset;
	(void)stamp;
	turn_to(tally, segment);
	if (!tally->oldest_us || received_us < tally->oldest_us)
		tally->oldest_us = received_us;
	if (received_us > tally->newest_us)
		tally->newest_us = received_us;
	tally->events++;
	tally->all_events++;
	return 0;
}

static int list_damage(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	struct tally *tally = context;

	(void)offset;
	(void)clean;
	(void)stamp;
	turn_to(tally, segment);
	tally->damaged++;
	tally->all_damaged++;
	return 0;
}

static int print_event(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	struct tally *tally = context;
	size_t len;
	const char *json = clean_json(clean, &len);

	(void)segment;
	(void)offset;
	(void)stamp;
	tally->all_events++;
	return fwrite(json, 1, len, stdout) != len || putchar('\n') == EOF;
}

static int count_event(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	struct tally *tally = context;

	(void)segment;
	(void)offset;
	(void)clean;
	(void)stamp;
	tally->all_events++;
	return 0;
}

static int tell_damage(void *context, const char *segment, uint64_t offset,
		       const struct clean *clean, const struct stamp *stamp)
{
	struct tally *tally = context;

	(void)clean;
	(void)stamp;
	tally->all_damaged++;
	fprintf(stderr, "tamis: %s: damaged at byte %" PRIu64 "\n", segment, offset);
	return 0;
}

/* A directory that is not there holds nothing. */
static enum status walk(const struct invocation *call, const char *name, spool_visit_fn *visit,
			spool_visit_fn *damage, struct tally *tally, struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	enum status status;

	state_path(dir, call->config, name);
	status = spool_walk(dir, visit, damage, tally);
	if (status == ST_OK && ferror(stdout))
		return reason_set(why, ST_IO, "standard output: %s", strerror(errno));
	if (status == ST_OK || status == ST_NOT_FOUND)
		return ST_OK;
	return reason_set_path(why, status, dir);
}

enum status cmd_spool_ls(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct tally tally = {0};

	if (status != ST_OK)
		return status;
	printf("%12s %10s %8s  %20s  %20s  %s\n", "BYTES", "EVENTS", "DAMAGED", "OLDEST", "NEWEST",
	       "SEGMENT");
	status = walk(call, STATE_SPOOL, list_event, list_damage, &tally, why);
	if (status == ST_OK)
		status = walk(call, STATE_DEAD, list_event, list_damage, &tally, why);
	print_segment(&tally);
	return status;
}

static enum status print_letter(void *context, const struct dead_letter *letter)
{
	struct buf *line = context;
	size_t len;
	const char *json = clean_json(letter->clean, &len);

	buf_reset(line);
	buf_addf(line,
		 "{\"dead\":%" PRId64 ",\"status\":%d,\"reason\":", letter->dead_us / US_PER_S,
		 letter->status);
	buf_add_json(line, letter->text, strlen(letter->text));
	buf_adds(line, ",\"event\":");
	buf_add(line, json, len);
	buf_adds(line, "}\n");
	if (!buf_ok(line))
		return ST_NO_MEMORY;
	return fwrite(line->data, 1, line->len, stdout) == line->len ? ST_OK : ST_IO;
}

static enum status cat_dead(const struct invocation *call, struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	enum status status;
	struct buf line;

	state_path(dir, call->config, STATE_DEAD);
	buf_init(&line, LINE_BYTES);
	status = dead_walk(dir, print_letter, &line);
	buf_free(&line);
	if (status == ST_OK || status == ST_NOT_FOUND)
		return ST_OK;
	return reason_set_path(why, status, dir);
}

enum status cmd_spool_cat(const struct invocation *call, struct reason *why)
{
	struct tally tally = {0};
	bool dead;
	enum status status = command_flag(call, "dead", &dead, why);

	if (status != ST_OK)
		return status;
	if (dead)
		return cat_dead(call, why);
	return walk(call, STATE_SPOOL, print_event, tell_damage, &tally, why);
}

enum status cmd_spool_verify(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct tally tally = {0};

	if (status == ST_OK)
		status = walk(call, STATE_SPOOL, count_event, tell_damage, &tally, why);
	if (status == ST_OK)
		status = walk(call, STATE_DEAD, count_event, tell_damage, &tally, why);
	if (status != ST_OK)
		return status;
	printf("%" PRIu64 " events are intact, %" PRIu64 " places are damaged\n", tally.all_events,
	       tally.all_damaged);
	if (tally.all_damaged)
		return reason_set(why, ST_CORRUPT,
				  "the spool is damaged; its other events are not");
	return ST_OK;
}
