/*
 * jsonname - see jsonname.h. Python's json.dumps() escapes all but ASCII.
 */
#include "jsonname.h"

#include <string.h>
#include <strings.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The unit of \uXXXX at p, or -1. */
static long unit_at(const char *p, const char *end)
{
	long unit = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static size_t put_utf8(long c, char out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(leads[n] | c);
	return n;
}

/* What the bytes at *p stand for; *p goes behind them. */
static size_t take(const char **p, const char *end, char out[4])
{
	static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
	long unit = unit_at(*p, end), low;
	const char *letter;

	if (unit >= 0) {
		*p += 6;
		low = unit >> 10 == 0x36 ? unit_at(*p, end) : -1;
		if (low >= 0 && low >> 10 == 0x37) {
			*p += 6;
			unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
		}
		return put_utf8(unit, out);
	}
	out[0] = **p;
	if (**p == '\\' && end - *p > 1) {
		++*p;
		letter = **p ? strchr(letters, **p) : NULL;
		out[0] = letter ? controls[letter - letters] : **p;
	}
	++*p;
	return 1;
}

bool json_name_is(const char *name, size_t len, const char *plain, size_t plain_len)
{
	const char *end = name + len;
	size_t at = 0;

	if (!memchr(name, '\\', len))
		return len == plain_len && strncasecmp(name, plain, len) == 0;
	while (name < end) {
		char bytes[4];
		size_t n = take(&name, end, bytes);

		if (n > plain_len - at || strncasecmp(bytes, plain + at, n))
			return false;
		at += n;
	}
	return at == plain_len;
}
