/*
 * arguments - see arguments.h.
 */
#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define WARNINGS_MAX ((size_t)16 << 10)

static void tell_warnings(const struct config *config)
{
	struct buf text;
	char *rest, *line;

	buf_init(&text, WARNINGS_MAX);
	if (config_warnings(config, &text) && text.data)
		for (line = strtok_r(text.data, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			(void)fprintf(stderr, "%s: warning: %s\n", program_invocation_short_name,
				      line);
	buf_free(&text);
}

static void tell_and_end(const char *argument)
{
	if (strcmp(argument, "--version") == 0)
		printf("%s " TAMIS_VERSION "\n", program_invocation_short_name);
	else
		printf(
		    "usage: %s [--config FILE] [--key=value ...]\n"
		    "A web server starts tamis.fcgi (FastCGI) or tamis.cgi (CGI), or tamis.fcgi\n"
		    "listens on http.socket; see tamis.fcgi(8) and tamis.yaml(5).\n",
		    program_invocation_short_name);
	exit(0);
}

enum status arguments_load(struct config **out, int argc, char **argv, struct reason *why)
{
	const char *path = NULL, **settings;
	enum status st = ST_OK;
	size_t n = 0;

	settings = calloc((size_t)argc + 1, sizeof *settings);
	if (!settings)
		return ST_NO_MEMORY;
	for (int i = 1; i < argc && st == ST_OK; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0)
			tell_and_end(argv[i]);
		else if (strncmp(argv[i], "--config=", 9) == 0)
			path = argv[i] + 9;
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			path = argv[++i];
		else if (strcmp(argv[i], "--config") == 0)
			st = reason_set(why, ST_USAGE, "--config wants a file");
		else
			settings[n++] = argv[i];
	}
	if (st == ST_OK)
		st = config_load(out, path, n, settings, why);
	free(settings);
	if (st == ST_OK)
		tell_warnings(*out);
	return st;
}
