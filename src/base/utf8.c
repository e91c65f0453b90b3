/*
 * utf8 - the table 3-7 of the Unicode standard: only the second byte has ranges that
 * depend on the first.
 */
#include "utf8.h"

struct lead {
	unsigned char first, last; /* of the lead byte */
	unsigned char low, high;   /* of the second byte */
	unsigned char len;
};

static const struct lead leads[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static const struct lead *lead_of(unsigned char c)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (c >= leads[i].first && c <= leads[i].last)
			return &leads[i];
	return NULL;
}

size_t utf8_sequence(const char *data, size_t len)
{
	const unsigned char *s = (const unsigned char *)data;
	const struct lead *lead = len ? lead_of(s[0]) : NULL;

	if (!lead || len < lead->len)
		return 0;
	if (lead->len > 1 && (s[1] < lead->low || s[1] > lead->high))
		return 0;
	for (size_t i = 2; i < lead->len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return lead->len;
}
