/*
 * cause - see cause.h.
 */
#include "cause.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
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

void put_name(FILE *out, const char *name)
{
	for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
		/* Of UTF-8 the controls U+0080 to U+009F, which some terminals take as well. */
		bool second = p > (const unsigned char *)name && p[-1] == 0xc2 && *p < 0xa0;
		if (*p < ' ' || *p == 127 || second)
			fprintf(out, "\\%03o", *p);
		else
			fputc(*p, out);
	}
}

static void begin(const char *name)
{
	fputs("sanitize: ", stderr);
	if (!name)
		return;
	put_name(stderr, name);
	fputs(": ", stderr);
}

void cause_print(const struct cause *cause, const char *name)
{
	begin(name);
	if (cause->has_offset)
		fprintf(stderr, "byte %" PRIu64 ": ", cause->offset);
	fprintf(stderr, "%s\n", cause->text);
}

void warn_about(const char *name, const char *format, ...)
{
	va_list args;

	begin(name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}
