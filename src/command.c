/*
 * command - options and output, done the same way by all subcommands.
 */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

int command_option(const struct invocation *call, const struct option *options, enum status *status,
		   struct reason *why)
{
	int option;

	opterr = 0; /* the reason is told by main() */
	option = getopt_long(call->argc, call->argv, ":", options, NULL);
	if (option == ':')
		*status = reason_set(why, ST_USAGE, "%s: %s wants a value", call->argv[0],
				     call->argv[optind - 1]);
	else if (option == '?')
		*status = reason_set(why, ST_USAGE, "%s: unknown option %.64s", call->argv[0],
				     call->argv[optind - 1]);
	return option == ':' ? '?' : option;
}

enum status command_flag(const struct invocation *call, const char *name, bool *flag,
			 struct reason *why)
{
	const struct option options[] = {
	    {name, no_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;

	*flag = false;
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		*flag = true;
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "%s: takes no operands: %.64s", call->argv[0],
				  call->argv[optind]);
	return ST_OK;
}

enum status command_no_arguments(const struct invocation *call, struct reason *why)
{
	if (call->argc > 1)
		return reason_set(why, ST_USAGE, "%s: takes no arguments: %.64s", call->argv[0],
				  call->argv[1]);
	return ST_OK;
}

static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
	stopping = signal_number;
}

const volatile sig_atomic_t *command_stop_flag(void)
{
	struct sigaction action = {.sa_handler = stop};

	action.sa_flags = (int)SA_RESETHAND;
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	return &stopping;
}

void command_heed_reload(void)
{
	struct sigaction action = {.sa_handler = stop};

	(void)sigaction(SIGHUP, &action, NULL);
}

bool command_reload(const struct invocation *call, struct config **out)
{
	struct reason why = {""};
	sigset_t ends, before;
	bool asked;

	/* Between the look and the clearing no request to end may come. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	asked = stopping == SIGHUP;
	if (asked)
		stopping = 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	*out = NULL;
	if (asked &&
	    config_load(out, call->given_path, call->n_settings, call->settings, &why) != ST_OK)
		log_error("%s; the configuration stays as it was", why.text);
	return asked;
}

void command_warn(const struct invocation *call)
{
	struct buf text;

	buf_init(&text, 8192);
	if (config_warnings(call->config, &text) && buf_ok(&text))
		fprintf(stderr, "tamis: WARNING: settings that weaken the promise:\n%s", text.data);
	buf_free(&text);
}

enum status command_print(const struct buf *text, struct reason *why)
{
	if (!buf_ok(text))
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (text->len && file_write_all(STDOUT_FILENO, text->data, text->len) != ST_OK)
		return reason_set(why, ST_IO, "standard output: %s", strerror(errno));
	return ST_OK;
}
