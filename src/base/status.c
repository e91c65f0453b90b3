/*
 * status - rows of status.def as lookups, and the writing of reasons.
 */
#include "status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int exit;
	const char *text;
} rows[] = {
#define STATUS(name, http, exit, text) {exit, text},
#include "status.def"
#undef STATUS
};

const char *status_text(enum status status)
{
	if ((unsigned)status >= ST_COUNT)
		return "unknown outcome";
	return rows[status].text;
}

int status_exit(enum status status)
{
	if ((unsigned)status >= ST_COUNT)
		return 70; /* EX_SOFTWARE: our own bug */
	return rows[status].exit;
}

enum status reason_set(struct reason *why, enum status status, const char *format, ...)
{
	va_list args;

	if (!why)
		return status;
	va_start(args, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return status;
}

enum status reason_set_path(struct reason *why, enum status status, const char *path)
{
	return reason_set(why, status, "%s: %s", path,
			  status == ST_IO ? strerror(errno) : status_text(status));
}

void reason_prefix(struct reason *why, const char *format, ...)
{
	char old[sizeof(why->text)];
	va_list args;
	size_t len;
	int n;

	if (!why)
		return;
	memcpy(old, why->text, sizeof(old));
	va_start(args, format);
	n = vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	len = n < 0 ? 0 : (size_t)n;
	if (len < sizeof(why->text))
		(void)snprintf(why->text + len, sizeof(why->text) - len, ": %s", old);
}
