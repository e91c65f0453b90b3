/*
 * cmd_registry - `tamis registry client|lint|page`: is the vocabulary of counters in order, and
 * what does it say, to programs and to people.
 */
#include <stdio.h>

#include "clock.h"
#include "command.h"
#include "page.h"
#include "registry_client.h"

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)

/* The file that is named, else the configuration's. */
static enum status operand(const char **path, const struct invocation *call, struct reason *why)
{
	if (call->argc - optind > 1)
		return reason_set(why, ST_USAGE, "%s: takes one file", call->argv[0]);
	*path = optind < call->argc ? call->argv[optind] : call->config->counts_registry;
	if (!**path)
		return reason_set(why, ST_USAGE,
				  "%s: name a file, or set counts.registry in the configuration",
				  call->argv[0]);
	return ST_OK;
}

static enum status file_of(const char **path, const struct invocation *call, struct reason *why)
{
	const struct option none[] = {{NULL, 0, NULL, 0}};
	enum status status = ST_OK;

	if (command_option(call, none, &status, why) == '?')
		return status;
	return operand(path, call, why);
}

enum status cmd_registry_client(const struct invocation *call, struct reason *why)
{
	static const struct option options[] = {
	    {"language", required_argument, NULL, 'l'},
	    {NULL, 0, NULL, 0},
	};
	const char *path, *language = "js";
	enum status status = ST_OK;
	struct registry *registry;
	struct buf out;
	int option;

	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		language = optarg;
	}
	status = operand(&path, call, why);
	if (status == ST_OK)
		status = registry_open(&registry, path, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	status = registry_client(&out, registry, language, why);
	if (status == ST_OK)
		status = command_print(&out, why);
	buf_free(&out);
	registry_close(registry);
	return status;
}

enum status cmd_registry_lint(const struct invocation *call, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	enum status status;
	const char *path;
	struct buf out;
	size_t n;

	status = file_of(&path, call, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	status = registry_lint(path, today, &out, &n, why);
	if (status == ST_OK && n == 0)
		buf_addf(&out, "%s: nothing to complain of\n", path);
	if (status == ST_OK)
		status = command_print(&out, why);
	if (status == ST_OK && n)
		*call->exit_code = 1;
	buf_free(&out);
	return status;
}

enum status cmd_registry_page(const struct invocation *call, struct reason *why)
{
	struct registry *registry;
	enum status status;
	const char *path;
	struct buf out;

	status = file_of(&path, call, why);
	if (status == ST_OK)
		status = registry_open(&registry, path, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	page_registry(&out, registry);
	status = command_print(&out, why);
	buf_free(&out);
	registry_close(registry);
	return status;
}
