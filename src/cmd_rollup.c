/*
 * cmd_rollup - `tamis rollup`: bring what was counted into the store, again and again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "log.h"
#include "rollup.h"

/* An outage of the store is told once, and so is its end; what was counted waits. */
static enum status run(struct rollup *rollup, uint64_t pause_s)
{
	const volatile sig_atomic_t *stopping = command_stop_flag();
	enum status before = ST_OK, status;

	log_notice("rollup: started");
	do {
		struct tally_drained drained;
		struct reason why = {""};
		status = rollup_once(rollup, &drained, &why);
		if (status != before && status != ST_OK)
			log_error("rollup: %s; what was counted waits", why.text);
		else if (status != before)
			log_notice("rollup: the store takes counts again");
		before = status;
		if (!*stopping)
			nanosleep(&(struct timespec){.tv_sec = (time_t)pause_s}, NULL);
	} while (!*stopping);
	struct tally_drained last;
	(void)!rollup_once(rollup, &last, NULL);
	log_notice("rollup: stopped");
	return ST_OK;
}

enum status cmd_rollup(const struct invocation *call, struct reason *why)
{
	struct tally_drained drained;
	struct rollup *rollup;
	enum status status;
	bool once = false;

	status = command_flag(call, "once", &once, why);
	if (status == ST_OK)
		status = rollup_open(&rollup, call->config, why);
	if (status != ST_OK)
		return status;
	status = once ? rollup_once(rollup, &drained, why)
		      : run(rollup, call->config->counts_flush_seconds);
	rollup_close(rollup);
	return status;
}
