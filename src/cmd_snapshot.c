/*
 * cmd_snapshot - `tamis snapshot`: release the days that are over, once.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "day.h"
#include "released.h"

struct wanted {
	int32_t date;
	bool restored, moved;
};

static enum status read_options(const struct invocation *call, struct wanted *wanted,
				struct reason *why)
{
	static const struct option options[] = {
	    {"date", required_argument, NULL, 'd'},
	    {"restored", no_argument, NULL, 'r'},
	    {"moved", no_argument, NULL, 'm'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;

	*wanted = (struct wanted){.date = DAY_NEVER};
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		wanted->restored |= option == 'r';
		wanted->moved |= option == 'm';
		if (option == 'd' && day_parse(&wanted->date, optarg, strlen(optarg)) != ST_OK)
			return reason_set(why, ST_USAGE, "snapshot: --date wants YYYY-MM-DD");
	}
	if (wanted->restored && wanted->moved)
		return reason_set(why, ST_USAGE, "snapshot: --restored, or --moved");
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "snapshot: takes no operands");
	return ST_OK;
}

enum status cmd_snapshot(const struct invocation *call, struct reason *why)
{
	struct released_job job;
	struct wanted wanted;
	enum status status = read_options(call, &wanted, why);

	if (status == ST_OK && (wanted.restored || wanted.moved))
		status = released_warrant(call->config, wanted.restored, why);
	if (status != ST_OK)
		return status;
	status = released_snapshot(call->config, wanted.date, &job, why);
	printf("released %u, there already %u, refused %u\n", job.made, job.there, job.refused);
	if (job.shut)
		printf("shut by --restored, never to be released: %u\n", job.shut);
	return status;
}
