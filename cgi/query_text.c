/*
 * query_text - application/x-www-form-urlencoded: + is a blank, a % that is no escape stands
 * for itself.
 */
#include "query_text.h"

#include <string.h>

static int hex_of(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) & 15 : -1;
}

const char *query_parameter(const char *query, const char *name, size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *at = query; at; at = strchr(at, '&')) {
		at += strspn(at, "&");
		if (strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
			*len = strcspn(at + name_len + 1, "&");
			return at + name_len + 1;
		}
	}
	return NULL;
}

unsigned char query_byte(const char *text, size_t len, size_t *i)
{
	int high = -1, low = -1;

	if (text[*i] == '%' && *i + 2 < len) {
		high = hex_of(text[*i + 1]);
		low = hex_of(text[*i + 2]);
	}
	if (high >= 0 && low >= 0) {
		*i += 2;
		return (unsigned char)(high << 4 | low);
	}
	return text[*i] == '+' ? ' ' : (unsigned char)text[*i];
}

bool query_text(const char *query, const char *name, char *out, size_t size)
{
	size_t len = 0, n = 0;
	const char *text = query_parameter(query, name, &len);

	*out = '\0';
	for (size_t i = 0; text && i < len; i++) {
		unsigned char c = query_byte(text, len, &i);
		if (!c || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}
