/*
 * cmd_config - `tamis config check` and `tamis config show`.
 *
 * Loading is the check: main() has done it before a subcommand runs.
 */

#include "command.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

enum status cmd_config_check(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct buf out;

	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	if (config_warnings(call->config, &out) == 0)
		buf_adds(&out, "The configuration is good.\n");
	else
		buf_adds(&out, "The configuration can be used, but for these warnings.\n");
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}

enum status cmd_config_show(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	struct buf out;

	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	config_show(call->config, &out);
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}
