/*
 * cmd_snapshot - `tamis snapshot`: release the days that are over, once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "day.h"
#include "rollup.h"
#include "snapshot.h"
#include "state.h"

#define CATCH_UP_DAYS 90

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
	if (!*call->config->counts_registry)
		return reason_set(why, ST_CONFIG, "counts.registry is not set: nothing is counted");
	return ST_OK;
}

/* What still waits in the tallies belongs to its day. */
static enum status empty_tallies(const struct config *config, struct reason *why)
{
	struct tally_drained drained;
	struct rollup *rollup;
	enum status status = rollup_open(&rollup, config, why);

	if (status != ST_OK)
		return status;
	status = rollup_once(rollup, &drained, why);
	rollup_close(rollup);
	return status;
}

static enum status take(const struct config *config, struct registry *registry, int32_t date,
			struct snapshot_done *done, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us()), from = date, to = date;
	char journal[STATE_PATH_BYTES];
	struct store *store;
	enum status status = store_open(&store, config, STORE_WRITE, why);

	if (status != ST_OK)
		return status;
	state_path(journal, config, STATE_RELEASES);
	if (date == DAY_NEVER) {
		to = today - 1;
		status = snapshot_due(store, registry, today, CATCH_UP_DAYS, &from, why);
	}
	if (status == ST_OK)
		status = snapshot_take(store, registry, journal, from, to, today, done, why);
	store_close(store);
	return status;
}

enum status cmd_snapshot(const struct invocation *call, struct reason *why)
{
	struct snapshot_done done = {0};
	struct registry *registry;
	int32_t date;
	enum status status = read_options(call, &date, why);

	if (status == ST_OK)
		status = registry_open(&registry, call->config->counts_registry, why);
	if (status != ST_OK)
		return status;
	status = empty_tallies(call->config, why);
	if (status == ST_OK)
		status = take(call->config, registry, date, &done, why);
	registry_close(registry);
	printf("released %u, there already %u, refused %u\n", done.made, done.there, done.refused);
	return status;
}
