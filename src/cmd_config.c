/*
 * cmd_config - `tamis config check` and `tamis config show`.
 *
 * main() has loaded the configuration before a subcommand runs, which is the first half
 * of the check; the other half asks the rooms what they would refuse at their start.
 */
#include <stdio.h>

#include "command.h"
#include "refusals.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

/* All that is refused is told; the last of it by main(). */
static enum status check_rooms(const struct config *config, struct reason *why)
{
	struct reason whys[REFUSALS_MAX];
	size_t n = refusals_take(whys, config);

	if (n == 0)
		return ST_OK;
	for (size_t i = 0; i + 1 < n; i++)
		fprintf(stderr, "tamis: %s\n", whys[i].text);
	*why = whys[n - 1];
	return ST_CONFIG;
}

enum status cmd_config_check(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why), refused;
	struct buf out;
	size_t warnings;

	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	warnings = config_warnings(call->config, &out);
	refused = check_rooms(call->config, why);
	if (refused == ST_OK)
		buf_adds(&out, warnings ? "The configuration can be used, but for these warnings.\n"
					: "The configuration is good.\n");
	status = command_print(&out, refused == ST_OK ? why : NULL);
	buf_free(&out);
	return refused == ST_OK ? status : refused;
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
