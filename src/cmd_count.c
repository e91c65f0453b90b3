/*
 * cmd_count - `tamis count run`: daily counts from the application's own database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "census.h"
#include "clock.h"
#include "command.h"
#include "day.h"

static enum status read_options(const struct invocation *call, int32_t *date, struct reason *why)
{
	static const struct option options[] = {
	    {"date", required_argument, NULL, 'd'},
	    {NULL, 0, NULL, 0},
	};
	int32_t today = (int32_t)clock_day(clock_wall_us());
	enum status status = ST_OK;
	int option;

	*date = today - 1;
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		if (day_parse(date, optarg, strlen(optarg)) != ST_OK || *date > today)
			return reason_set(why, ST_USAGE,
					  "count run: --date wants YYYY-MM-DD, today or before");
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "count run: takes no operands");
	if (!*call->config->counts_registry)
		return reason_set(why, ST_CONFIG, "counts.registry is not set: nothing is counted");
	if (!*call->config->counts_database_url)
		return reason_set(why, ST_CONFIG,
				  "counts.database_url is not set: there is nothing to count from");
	return ST_OK;
}

enum status cmd_count_run(const struct invocation *call, struct reason *why)
{
	const struct config *config = call->config;
	struct registry *registry = NULL;
	struct census_done done = {0};
	struct store *store = NULL;
	int32_t date;
	enum status status = read_options(call, &date, why);

	if (status == ST_OK)
		status = registry_open(&registry, config->counts_registry, why);
	if (status == ST_OK)
		status = store_open(&store, config, STORE_WRITE, why);
	if (status == ST_OK) {
		status =
		    census_take(store, registry, config->counts_database_url, date, &done, why);
		printf("counted %u metrics, %" PRIu64 " cells\n", done.metrics, done.cells);
	}
	store_close(store);
	registry_close(registry);
	return status;
}
