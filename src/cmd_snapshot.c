/*
 * cmd_snapshot - `tamis snapshot`: release the days that are over, once.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "day.h"
#include "released.h"

static enum status read_options(const struct invocation *call, int32_t *date, struct reason *why)
{
	static const struct option options[] = {
	    {"date", required_argument, NULL, 'd'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;

	*date = DAY_NEVER;
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		if (day_parse(date, optarg, strlen(optarg)) != ST_OK)
			return reason_set(why, ST_USAGE, "snapshot: --date wants YYYY-MM-DD");
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "snapshot: takes no operands");
	return ST_OK;
}

enum status cmd_snapshot(const struct invocation *call, struct reason *why)
{
	struct released_job job;
	int32_t date;
	enum status status = read_options(call, &date, why);

	if (status != ST_OK)
		return status;
	status = released_snapshot(call->config, date, &job, why);
	printf("released %u, there already %u, refused %u\n", job.made, job.there, job.refused);
	return status;
}
