/*
 * alphabet - UTF-8 as far as words need it.
 *
 * No table of Unicode: what ends a word is named by ranges (Latin-1 signs, general
 * punctuation, arrows to dingbats, CJK punctuation, full-width punctuation,
 * private use, emoji), everything else above ASCII counts as a letter.
 */
#include "alphabet.h"

#include <stdbool.h>
#include <stdint.h>

static size_t utf8_decode(const unsigned char *s, size_t n, uint32_t *point)
{
	size_t len = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (!len || n < len)
		return 0;
	uint32_t p = s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		p = p << 6 | (s[i] & 0x3fu);
	}
	*point = p;
	return len;
}

static bool ends_word(uint32_t p)
{
	static const uint32_t ranges[][2] = {
	    {0x80, 0xa9},	{0xab, 0xb1},	  {0xb4, 0xb4},	    {0xb6, 0xb8},
	    {0xbb, 0xbf},	{0xd7, 0xd7},	  {0xf7, 0xf7},	    {0x60c, 0x60c},
	    {0x61b, 0x61f},	{0x6d4, 0x6d4},	  {0x964, 0x965},   {0x2000, 0x200b},
	    {0x200e, 0x2070},	{0x20a0, 0x20cf}, {0x2190, 0x2bff}, {0x3000, 0x3004},
	    {0x3008, 0x3020},	{0xe000, 0xf8ff}, {0xfd3e, 0xfd3f}, {0xff00, 0xff0f},
	    {0xff1a, 0xff20},	{0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xfff0, 0xffff},
	    {0x1f000, 0x1faff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (p >= ranges[i][0] && p <= ranges[i][1])
			return true;
	return false;
}

size_t utf8_letter(const unsigned char *s, size_t n)
{
	uint32_t point;

	if (n == 0 || s[0] < 0x80)
		return 0;
	size_t len = utf8_decode(s, n, &point);
	return len && !ends_word(point) ? len : 0;
}

size_t utf8_before(const unsigned char *s, size_t at)
{
	for (size_t back = 2; back <= 4 && back <= at; back++) {
		uint32_t point;
		if (s[at - back] >= 0xc0)
			return utf8_decode(s + at - back, back, &point) == back ? at - back : at;
	}
	return at;
}
