/*
 * guess - see guess.h.
 */
#include "guess.h"

#include <string.h>
#include <strings.h>

#include "split.h"

/* The name's length without `ending`, or the whole length. */
static size_t without(const char *name, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len > n && strncasecmp(name + len - n, ending, n) == 0 ? len - n : len;
}

bool guess_by_name(const char *name)
{
	size_t len = strlen(name);

	len = without(name, without(name, len, ".gz"), ".zst");
	return without(name, len, ".csv") < len || without(name, len, ".tsv") < len;
}

static bool is_lone_bracket(const char *data, size_t len)
{
	const char *newline = len ? memchr(data, '\n', len) : NULL;
	const char *end = newline ? newline : data + len;

	data += bom_length(data, len);
	while (data < end && (*data == ' ' || *data == '\t'))
		data++;
	while (data < end && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return newline && end - data == 1 && (*data == '{' || *data == '[');
}

enum format guess_format(const char *name, const char *data, size_t len)
{
	if (guess_by_name(name))
		return FORMAT_CSV;
	return is_lone_bracket(data, len) ? FORMAT_JSON : FORMAT_AUTO;
}
