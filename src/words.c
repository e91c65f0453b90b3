/*
 * words - see words.h.
 */
#include "words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

struct words words_age(int64_t seconds)
{
	struct words words;
	int64_t s = seconds < 0 ? 0 : seconds;

	if (s >= 86400)
		(void)snprintf(words.text, WORDS_BYTES, "%" PRId64 " d %" PRId64 " h", s / 86400,
			       s % 86400 / 3600);
	else if (s >= 3600)
		(void)snprintf(words.text, WORDS_BYTES, "%" PRId64 " h %" PRId64 " min", s / 3600,
			       s % 3600 / 60);
	else if (s >= 60)
		(void)snprintf(words.text, WORDS_BYTES, "%" PRId64 " min %" PRId64 " s", s / 60,
			       s % 60);
	else
		(void)snprintf(words.text, WORDS_BYTES, "%" PRId64 " s", s);
	return words;
}

struct words words_bytes(uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	struct words words;
	double n = (double)bytes;
	size_t unit = 0;

	for (; n >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		n /= 1024;
	(void)snprintf(words.text, WORDS_BYTES, "%.*f %s", unit ? 1 : 0, n, units[unit]);
	return words;
}

/* Control characters in ASCII, and those that UTF-8 writes as C2 80 to C2 9F. */
static bool is_control(const unsigned char *c)
{
	return *c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

const char *words_plain(char *out, size_t size, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t n = 0;

	for (; *c && n + 1 < size; c++) {
		bool control = is_control(c);

		out[n++] = control ? '?' : (char)*c;
		c += control && *c == 0xc2;
	}
	out[n] = '\0';
	return out;
}
