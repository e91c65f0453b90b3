/*
 * cmd_publish - `tamis publish DIRECTORY`: what may leave the team, as a page and a table.
 */
#include <stdio.h>

#include "clock.h"
#include "command.h"
#include "publish.h"
#include "rollup.h"

/* What still waits in the tallies belongs to its day. */
static enum status empty_tallies(const struct config *config, struct reason *why)
{
	struct tally_drained drained;
	struct rollup *rollup;
	enum status status = rollup_open(&rollup, config, why);

	if (status == ST_OK) {
		status = rollup_once(rollup, &drained, why);
		rollup_close(rollup);
	}
	return status;
}

static enum status publish(const struct config *config, const char *directory, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	int32_t days = (int32_t)config->counts_retention_days;
	struct registry *registry = NULL;
	struct store *store = NULL;
	unsigned made = 0;
	enum status status = registry_open(&registry, config->counts_registry, why);

	if (status == ST_OK)
		status = empty_tallies(config, why);
	if (status == ST_OK)
		status = store_open(&store, config, STORE_WRITE, why);
	if (status == ST_OK)
		status = publish_release(store, registry, today, days, &made, why);
	if (status == ST_OK)
		status = publish_write(store, registry, today, days, directory, why);
	if (status == ST_OK)
		printf("released %u days, wrote %s\n", made, directory);
	store_close(store);
	registry_close(registry);
	return status;
}

enum status cmd_publish(const struct invocation *call, struct reason *why)
{
	const struct option none[] = {{NULL, 0, NULL, 0}};
	enum status status = ST_OK;

	if (command_option(call, none, &status, why) == '?')
		return status;
	if (call->argc - optind != 1)
		return reason_set(why, ST_USAGE, "publish: wants one directory");
	if (!*call->config->counts_registry)
		return reason_set(why, ST_CONFIG, "counts.registry is not set: nothing is counted");
	return publish(call->config, call->argv[optind], why);
}
