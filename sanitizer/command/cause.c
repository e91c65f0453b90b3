/*
 * cause - see cause.h.
 */
#include "cause.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cause_set(struct cause *cause, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(cause->text, sizeof(cause->text), format, args);
	va_end(args);
	cause->has_offset = false;
	return -1;
}

int cause_errno(struct cause *cause, const char *format, ...)
{
	int saved = errno;
	size_t n;
	va_list args;

	va_start(args, format);
	vsnprintf(cause->text, sizeof(cause->text), format, args);
	va_end(args);
	n = strlen(cause->text);
	snprintf(cause->text + n, sizeof(cause->text) - n, ": %s", strerror(saved));
	cause->has_offset = false;
	errno = saved;
	return -1;
}

int cause_at(struct cause *cause, uint64_t offset)
{
	if (!cause->has_offset)
		cause->offset = offset;
	cause->has_offset = true;
	return -1;
}

void cause_print(const struct cause *cause, const char *name)
{
	fprintf(stderr, "sanitize: ");
	if (name)
		fprintf(stderr, "%s: ", name);
	if (cause->has_offset)
		fprintf(stderr, "byte %" PRIu64 ": ", cause->offset);
	fprintf(stderr, "%s\n", cause->text);
}

void warn_about(const char *name, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "sanitize: ");
	if (name)
		fprintf(stderr, "%s: ", name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}
