/*
 * cmd_metrics - `tamis metrics`: what GET /metrics says, for the operator.
 *
 * The gauges of the spool are the forwarder's to set; where nobody forwards they are set
 * here, by looking, so that they are true in local mode and after an outage too.
 */
#include "command.h"
#include "counters.h"
#include "overview.h"
#include "state.h"

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)

static enum status set_gauges(const struct config *config, struct counters *counters,
			      struct reason *why)
{
	struct overview overview = {0};
	enum status status;

	if (counters_forwarder_runs(counters))
		return ST_OK;
	status = overview_take(&overview, config, counters, why);
	if (status != ST_OK)
		return status;
	counters_set(counters, METRIC_SPOOL_BYTES, overview.bytes);
	counters_set(counters, METRIC_SPOOL_EVENTS, overview.events);
	counters_set(counters, METRIC_SPOOL_OLDEST, (uint64_t)overview.oldest_s);
	return ST_OK;
}

enum status cmd_metrics(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct counters *counters;
	struct buf out;

	if (status == ST_OK)
		status = state_there(call->config, why);
	if (status == ST_OK)
		status = counters_open(&counters, call->config, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	status = set_gauges(call->config, counters, why);
	if (status == ST_OK) {
		counters_text(counters, &out);
		status = command_print(&out, why);
	}
	buf_free(&out);
	counters_close(counters);
	return status;
}
