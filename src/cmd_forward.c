/*
 * cmd_forward - `tamis forward`: the forwarder as a process of its own.
 */
#include <stdlib.h>
#include <string.h>

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

static enum status drain(const struct invocation *call, struct counters *counters, int once_s,
			 struct reason *why)
{
	struct forward *forward;
	enum status status;

	(void)command_stop_flag();
	if (!call->config->umami_websites.n)
		return reason_set(why, ST_CONFIG,
				  "forward: no website id is set (umami.website_id), so there is "
				  "nowhere to send to");
	status = forward_open(&forward, call->config, counters, why);
	if (status != ST_OK)
		return status;
	log_notice("forward: started");
	status = forward_drain(forward, once_s * 1000);
	forward_close(forward);
	log_notice("forward: stopped");
	if (status == ST_UNAVAILABLE)
		return reason_set(why, status, "forward: not all was taken within %d s", once_s);
	return status;
}

/* What the forwarder works with: the configuration it was started with, or a later one. */
struct tenure {
	const struct config *config;
	struct config *own; /* NULL: the one that it was started with */
};

/* The counters are open, and theirs stays. */
static bool may_follow(const struct config *next, const struct config *now)
{
	if (strcmp(next->state_dir, now->state_dir) == 0)
		return true;
	log_error("state.dir cannot change while tamis forward runs; the configuration stays as "
		  "it was");
	return false;
}

/* Open with the next configuration, or with the one before where that is not to be had. */
static enum status open_next(struct forward **forward, struct tenure *tenure, struct config *next,
			     struct counters *counters, struct reason *why)
{
	enum status status;

	if (next && !may_follow(next, tenure->config)) {
		config_free(next);
		next = NULL;
	}
	if (!next)
		return forward_open(forward, tenure->config, counters, why);
	status = forward_open(forward, next, counters, why);
	if (status == ST_OK) {
		config_free(tenure->own);
		*tenure = (struct tenure){next, next};
		log_notice("forward: the configuration was read again");
		return ST_OK;
	}
	log_error("%s; the configuration stays as it was", why->text);
	config_free(next);
	return forward_open(forward, tenure->config, counters, why);
}

static enum status run(const struct invocation *call, struct counters *counters, struct reason *why)
{
	const volatile sig_atomic_t *stopping = command_stop_flag();
	struct tenure tenure = {call->config, NULL};
	struct config *next = NULL;
	struct forward *forward;
	enum status status;

	command_heed_reload();
	log_notice("forward: started");
	do {
		status = open_next(&forward, &tenure, next, counters, why);
		if (status != ST_OK)
			break;
		status = forward_run(forward, stopping);
		forward_close(forward);
	} while (status == ST_OK && command_reload(call, &next));
	log_notice("forward: stopped");
	config_free(tenure.own);
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
	status = once_s ? drain(call, counters, once_s, why) : run(call, counters, why);
	counters_close(counters);
	return status;
}
