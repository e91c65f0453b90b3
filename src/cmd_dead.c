/*
 * cmd_dead - `tamis spool dead ls|show|requeue`: what the upstream would not take, and
 * giving it another chance.
 *
 * A letter's number is its place from the oldest on; the forwarder adds behind the last
 * one, so numbers change only by requeueing. An event is synced to the spool before its
 * letter goes: a kill in between repeats it, and loses none.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "counters.h"
#include "dead.h"
#include "spool.h"
#include "state.h"
#include "words.h"

#define TIME_BYTES 32
#define ROUTE_BYTES 1024

struct choice {
	bool all;
	size_t n;
	uint64_t *numbers;
};

struct visit {
	const struct choice *choice;
	uint64_t number; /* of the letter visited last */
	uint64_t found;
	struct spool *spool;
};

static const char *time_text(char text[TIME_BYTES], int64_t us)
{
	time_t seconds = (time_t)(us / US_PER_S);
	struct tm tm;

	(void)strftime(text, TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	return text;
}

static bool is_chosen(const struct choice *choice, uint64_t number)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->numbers[i] == number)
			return true;
	return choice->all;
}

static enum status list_letter(void *context, const struct dead_letter *letter)
{
	struct visit *visit = context;
	char time[TIME_BYTES], route[ROUTE_BYTES];

	if (!visit->number++)
		printf("%6s  %-20s  %6s  %-40s  %s\n", "NUMBER", "SET ASIDE", "STATUS", "ROUTE",
		       "REASON");
	printf("%6" PRIu64 "  %-20s  %6d  %-40s  %s\n", visit->number,
	       time_text(time, letter->dead_us), letter->status,
	       words_plain(route, sizeof(route), clean_route(letter->clean)), letter->text);
	return ferror(stdout) ? ST_IO : ST_OK;
}

static enum status show_letter(void *context, const struct dead_letter *letter)
{
	struct visit *visit = context;
	char set_aside[TIME_BYTES], received[TIME_BYTES], route[ROUTE_BYTES];
	const char *json;
	size_t len;

	if (!is_chosen(visit->choice, ++visit->number))
		return ST_OK;
	json = clean_json(letter->clean, &len);
	printf("%snumber     %" PRIu64 "\nreceived   %s\nset aside  %s\nstatus     %d\n"
	       "reason     %s\nroute      %s\nfile       %s\nevent      %.*s\n",
	       visit->found++ ? "\n" : "", visit->number,
	       time_text(received, clean_received_us(letter->clean)),
	       time_text(set_aside, letter->dead_us), letter->status, letter->text,
	       words_plain(route, sizeof(route), clean_route(letter->clean)), letter->file,
	       (int)len, json);
	return ferror(stdout) ? ST_IO : ST_OK;
}

static enum status requeue_letter(void *context, const struct dead_letter *letter)
{
	struct visit *visit = context;
	enum status status;

	if (!is_chosen(visit->choice, ++visit->number))
		return ST_NOT_FOUND;
	status = spool_append(visit->spool, letter->clean, letter->stamp);
	if (status == ST_OK)
		visit->found++;
	return status;
}

/* Numbers from 1 on; choice->numbers is the caller's to free. */
static enum status read_numbers(struct choice *choice, const struct invocation *call, int first,
				struct reason *why)
{
	choice->numbers = calloc((size_t)call->argc, sizeof(*choice->numbers));
	if (!choice->numbers)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (int i = first; i < call->argc; i++) {
		char *end;

		errno = 0;
		choice->numbers[choice->n] = strtoull(call->argv[i], &end, 10);
		if (*end || errno || call->argv[i][0] < '0' || call->argv[i][0] > '9' ||
		    !choice->numbers[choice->n++])
			return reason_set(why, ST_USAGE,
					  "%s: %.64s is no number of \"tamis spool dead ls\"",
					  call->argv[0], call->argv[i]);
	}
	return ST_OK;
}

static enum status tell(enum status status, const char *dir, struct reason *why)
{
	if (status == ST_OK || status == ST_NOT_FOUND)
		return ST_OK;
	return reason_set_path(why, status, dir);
}

enum status cmd_dead_ls(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct visit visit = {0};
	char dir[STATE_PATH_BYTES];

	if (status != ST_OK)
		return status;
	state_path(dir, call->config, STATE_DEAD);
	return tell(dead_walk(dir, list_letter, &visit), dir, why);
}

enum status cmd_dead_show(const struct invocation *call, struct reason *why)
{
	struct choice choice = {0};
	struct visit visit = {.choice = &choice};
	char dir[STATE_PATH_BYTES];
	enum status status;

	if (call->argc < 2)
		return reason_set(why, ST_USAGE,
				  "spool dead show: which? a number of \"tamis spool dead ls\"");
	status = read_numbers(&choice, call, 1, why);
	state_path(dir, call->config, STATE_DEAD);
	if (status == ST_OK)
		status = tell(dead_walk(dir, show_letter, &visit), dir, why);
	if (status == ST_OK && !visit.found)
		status = reason_set(why, ST_NOT_FOUND, "no such letter: there are %" PRIu64,
				    visit.number);
	free(choice.numbers);
	return status;
}

static void count_orphan(void *context, const struct stamp *stamp, const struct clean *clean)
{
	(void)counters_recount(context, stamp, clean);
}

static enum status open_spool(struct spool **spool, const struct config *config,
			      struct counters *counters, struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	struct spool_options options = {
	    .dir = dir,
	    .max_bytes = config->spool_max_bytes,
	    .segment_bytes = config->spool_segment_bytes,
	    .sync = SPOOL_SYNC_ALWAYS, /* the letter goes after it */
	    .orphan = count_orphan,
	    .context = counters,
	};

	state_path(dir, config, STATE_SPOOL);
	return spool_open(spool, &options, why);
}

static enum status requeue(const struct invocation *call, const struct choice *choice,
			   struct reason *why)
{
	struct visit visit = {.choice = choice};
	struct counters *counters;
	char dir[STATE_PATH_BYTES];
	enum status status;

	status = counters_open(&counters, call->config, why);
	if (status != ST_OK)
		return status;
	status = open_spool(&visit.spool, call->config, counters, why);
	if (status == ST_OK) {
		state_path(dir, call->config, STATE_DEAD);
		status = tell(dead_take(dir, requeue_letter, &visit), dir, why);
		spool_close(visit.spool);
		printf("%" PRIu64 " dead letters are on the spool again\n", visit.found);
	}
	counters_close(counters);
	if (status == ST_OK && !visit.found && choice->n)
		return reason_set(why, ST_NOT_FOUND, "no such letter: there are %" PRIu64,
				  visit.number);
	return status;
}

enum status cmd_dead_requeue(const struct invocation *call, struct reason *why)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, 'a'},
	    {NULL, 0, NULL, 0},
	};
	struct choice choice = {0};
	enum status status = ST_OK;
	int option;

	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		choice.all = true;
	}
	if (choice.all == (optind < call->argc))
		return reason_set(why, ST_USAGE,
				  "spool dead requeue: which? numbers of \"tamis spool dead ls\", "
				  "or --all");
	status = read_numbers(&choice, call, optind, why);
	if (status == ST_OK)
		status = requeue(call, &choice, why);
	free(choice.numbers);
	return status;
}
