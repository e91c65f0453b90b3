/*
 * thing - see thing.h.
 */
#include "thing.h"

#include <ctype.h>
#include <string.h>

#include "registry.h"

#define UUID_LETTERS 36
#define INTEGER_DIGITS 19

static bool read_uuid(char *id, const char *text, size_t len)
{
	if (len != UUID_LETTERS)
		return false;
	for (size_t i = 0; i < UUID_LETTERS; i++) {
		unsigned char c = (unsigned char)text[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? c != '-' : !isxdigit(c))
			return false;
		id[i] = (char)tolower(c);
	}
	id[UUID_LETTERS] = '\0';
	return true;
}

static bool read_integer(char *id, const char *text, size_t len)
{
	if (!len || len > INTEGER_DIGITS)
		return false;
	memcpy(id, text, len);
	id[len] = '\0';
	if (strspn(id, "0123456789") != len || (id[0] == '0' && len > 1))
		return false;
	return len < INTEGER_DIGITS || strcmp(id, "9223372036854775807") <= 0;
}

bool thing_read(char out[THING_BYTES], unsigned kind, const char *text, size_t len)
{
	out[0] = '\0';
	if (kind == EVENT_ID_UUID)
		return read_uuid(out, text, len);
	return kind == EVENT_ID_INTEGER ? read_integer(out, text, len) : len == 0;
}
