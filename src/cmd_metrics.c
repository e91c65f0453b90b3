/*
 * cmd_metrics - `tamis metrics`: what GET /metrics says, for the operator.
 */
#include "command.h"
#include "counters.h"

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)

enum status cmd_metrics(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct counters *counters;
	struct buf out;

	if (status == ST_OK)
		status = counters_open(&counters, call->config, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	counters_text(counters, &out);
	status = command_print(&out, why);
	buf_free(&out);
	counters_close(counters);
	return status;
}
