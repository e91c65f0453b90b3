/*
 * cmd_forward - `tamis forward`: the forwarder as a process of its own.
 */
#include <stdlib.h>

#include "command.h"
#include "counters.h"
#include "forward.h"
#include "log.h"

#define ONCE_SECONDS 60

/* *once_s: 0 to run until a signal. */
static enum status read_options(const struct invocation *call, int *once_s, struct reason *why)
{
	static const struct option options[] = {
	    {"once", optional_argument, NULL, 'o'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	char *end;
	int option;

	*once_s = 0;
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		*once_s = ONCE_SECONDS;
		if (!optarg)
			continue;
		*once_s = (int)strtol(optarg, &end, 10);
		if (*end || *once_s < 1 || *once_s > 86400)
			return reason_set(why, ST_USAGE,
					  "forward: --once wants 1 to 86400 seconds");
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "forward: takes no operands: %.64s",
				  call->argv[optind]);
	return ST_OK;
}

static enum status run(const struct invocation *call, struct counters *counters, int once_s,
		       struct reason *why)
{
	const volatile sig_atomic_t *stopping = command_stop_flag();
	struct forward *forward;
	enum status status;

	status = forward_open(&forward, call->config, counters, why);
	if (status != ST_OK)
		return status;
	log_notice("forward: started");
	status = once_s ? forward_drain(forward, once_s * 1000) : forward_run(forward, stopping);
	forward_close(forward);
	log_notice("forward: stopped");
	if (once_s && status == ST_UNAVAILABLE)
		return reason_set(why, status, "forward: not all was taken within %d s", once_s);
	return status;
}

enum status cmd_forward(const struct invocation *call, struct reason *why)
{
	struct counters *counters;
	enum status status;
	int once_s;

	status = read_options(call, &once_s, why);
	if (status != ST_OK)
		return status;
	command_warn(call);
	status = counters_open(&counters, call->config, why);
	if (status != ST_OK)
		return status;
	status = run(call, counters, once_s, why);
	counters_close(counters);
	return status;
}
