/*
 * url_kind - see url_kind.h.
 */
#include "url_kind.h"

#include <stdbool.h>
#include <string.h>

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

enum url_kind url_kind(const char *url, const char **where)
{
	*where = url;
	if (starts(url, "postgresql://") || starts(url, "postgres://"))
		return URL_POSTGRESQL;
	if (!starts(url, "sqlite:/"))
		return URL_NONE;
	*where += strlen("sqlite:");
	while (starts(*where, "//"))
		++*where;
	return URL_SQLITE;
}
