/*
 * cmd_rollup - `tamis rollup`: bring what was counted into the store, again and again.
 */
#include <time.h>

#include "clock.h"
#include "command.h"
#include "log.h"
#include "rollup.h"
#include "route_days.h"

/* Declared counts, then the routes. */
static enum status take(struct rollup *rollup, const struct config *config, struct route_look *look,
			struct reason *why)
{
	struct tally_drained drained;
	enum status status = rollup_once(rollup, &drained, why);

	if (status != ST_OK)
		return status;
	status = route_days_take(rollup_store(rollup), config, (int32_t)clock_day(clock_wall_us()),
				 look, why);
	if (status == ST_UNAVAILABLE)
		rollup_lost(rollup);
	return status;
}

/* An outage of the store is told once, and so is its end; what was counted waits. */
static enum status run(struct rollup *rollup, const struct config *config)
{
	struct route_look look = {0};
	const volatile sig_atomic_t *stopping = command_stop_flag();
	enum status before = ST_OK, status;

	log_notice("rollup: started");
	do {
		struct reason why = {""};
		status = take(rollup, config, &look, &why);
		if (status != before && status != ST_OK)
			log_error("rollup: %s; what was counted waits", why.text);
		else if (status != before)
			log_notice("rollup: the store takes counts again");
		before = status;
		if (!*stopping)
			nanosleep(
			    &(struct timespec){.tv_sec = (time_t)config->counts_flush_seconds},
			    NULL);
	} while (!*stopping);
	(void)!take(rollup, config, &look, NULL);
	log_notice("rollup: stopped");
	return ST_OK;
}

enum status cmd_rollup(const struct invocation *call, struct reason *why)
{
	struct route_look look = {0};
	struct rollup *rollup;
	enum status status;
	bool once = false;

	status = command_flag(call, "once", &once, why);
	if (status == ST_OK)
		status = rollup_open(&rollup, call->config, why);
	if (status != ST_OK)
		return status;
	status = once ? take(rollup, call->config, &look, why) : run(rollup, call->config);
	rollup_close(rollup);
	return status;
}
