/*
 * cmd_token - `tamis token make|ls|revoke`: who may count, who may read.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "clock.h"
#include "command.h"
#include "day.h"
#include "state.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

/* A token is valid before this day. */
static enum status read_expires(struct grant *grant, struct reason *why)
{
	if (day_parse(&grant->expires, optarg, strlen(optarg)) != ST_OK)
		return reason_set(why, ST_USAGE, "token make: --expires wants YYYY-MM-DD");
	if (grant->expires <= clock_day(clock_wall_us()))
		return reason_set(why, ST_USAGE,
				  "token make: --expires is over, or today (UTC): the token would "
				  "never be valid");
	return ST_OK;
}

static enum status read_options(const struct invocation *call, struct grant *grant,
				struct reason *why)
{
	static const struct option options[] = {
	    {"scope", required_argument, NULL, 's'},
	    {"subject", required_argument, NULL, 'u'},
	    {"expires", required_argument, NULL, 'e'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;

	*grant = (struct grant){.expires = DAY_NEVER};
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		if (option == 's' && !(grant->scopes = scopes_parse(optarg)))
			return reason_set(
			    why, ST_USAGE,
			    "token make: --scope wants some of ingest, read:released, "
			    "read:team, ops, admin");
		if (option == 'u' && strlen(optarg) >= sizeof(grant->subject))
			return reason_set(why, ST_USAGE, "token make: --subject is too long");
		if (option == 'u')
			strcpy(grant->subject, optarg);
		if (option == 'e' && (status = read_expires(grant, why)) != ST_OK)
			return status;
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "token make: takes no operands");
	if (!grant->scopes)
		return reason_set(why, ST_USAGE, "token make: --scope is missing");
	return ST_OK;
}

enum status cmd_token_make(const struct invocation *call, struct reason *why)
{
	char token[TOKEN_TEXT_BYTES], path[STATE_PATH_BYTES];
	struct grant grant;
	enum status status = read_options(call, &grant, why);

	if (status == ST_OK)
		status = state_make(call->config, why);
	if (status != ST_OK)
		return status;
	status = access_make(access_path(path, call->config), &grant, token, why);
	if (status != ST_OK)
		return status;
	fprintf(stderr, "token %s is told this once:\n", grant.id);
	printf("%s\n", token);
	sodium_memzero(token, sizeof(token));
	return fflush(stdout) ? reason_set(why, ST_IO, "the token could not be printed") : ST_OK;
}

static void write_grant(void *context, const struct grant *grant)
{
	struct buf *out = context;
	char day[DAY_BYTES];
	size_t before;

	buf_addf(out, "%s  %-10s  ", grant->id,
		 grant->expires == DAY_NEVER ? "-" : day_text(day, grant->expires));
	before = out->len;
	scopes_text(grant->scopes, out);
	buf_addf(out, "%*s  %s\n", (int)(before + 24 > out->len ? before + 24 - out->len : 0), "",
		 *grant->subject ? grant->subject : "-");
}

enum status cmd_token_ls(const struct invocation *call, struct reason *why)
{
	enum status status = command_no_arguments(call, why);
	char path[STATE_PATH_BYTES];
	struct buf out;

	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	buf_addf(&out, "%-8s  %-10s  %-24s  %s\n", "ID", "EXPIRES", "SCOPES", "SUBJECT");
	status = access_list(access_path(path, call->config), write_grant, &out, why);
	if (status == ST_OK)
		status = command_print(&out, why);
	buf_free(&out);
	return status;
}

enum status cmd_token_revoke(const struct invocation *call, struct reason *why)
{
	const struct option none[] = {{NULL, 0, NULL, 0}};
	char path[STATE_PATH_BYTES];
	enum status status = ST_OK;

	if (command_option(call, none, &status, why) == '?')
		return status;
	if (optind >= call->argc)
		return reason_set(why, ST_USAGE,
				  "token revoke: wants the id that `tamis token ls` shows");
	for (int i = optind; i < call->argc && status == ST_OK; i++)
		status = access_revoke(access_path(path, call->config), call->argv[i], why);
	return status;
}
