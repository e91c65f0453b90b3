/*
 * cmd_config - `tamis config check` and `tamis config show`.
 *
 * main() has loaded the configuration before a subcommand runs, which is the first half
 * of the check; the other half asks the rooms what they would refuse at their start.
 */
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "command.h"
#include "forward.h"
#include "identity.h"
#include "state.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

static enum status check_tokens(const struct config *config, struct reason *why)
{
	char path[STATE_PATH_BYTES];
	struct access *access;
	enum status status = access_open(&access, access_path(path, config), why);

	if (status == ST_OK)
		access_close(access);
	return status;
}

static enum status check_key_dir(const struct config *config, struct reason *why)
{
	return identity_check(config->identity_key_dir, why);
}

/* All that is refused is told; the last of it by main(). */
static enum status check_rooms(const struct config *config, struct reason *why)
{
	static enum status (*const checks[])(const struct config *, struct reason *) = {
	    state_check, check_tokens, check_key_dir, forward_check};
	enum status status = ST_OK;
	struct reason next = {""};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (checks[i](config, &next) == ST_OK)
			continue;
		if (status != ST_OK)
			fprintf(stderr, "tamis: %s\n", why->text);
		*why = next;
		status = ST_CONFIG;
	}
	return status;
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
