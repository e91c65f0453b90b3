/*
 * words - see words.h.
 */
#include "words.h"

#include <inttypes.h>
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
