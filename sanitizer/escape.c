/*
 * escape - what most lines with escapes have are `%2F`, `%20` and `://` in a URL's query.
 *
 * Idle are bytes that no detector takes for a part of a value, a name or what separates
 * them: beside a letter they only end one word and begin another. So all that is to be asked
 * is whether a literal stands there then. Numbers, and whatever else may go on behind an
 * escape, are not looked at here: view_glance() decodes them.
 */
#include "escape.h"

#include "chars.h"
#include "prefilter_build.h"

#include <string.h>

#define RUN_MAX 24
#define AROUND (WINDOW_BYTES - 1) /* bytes on either side that a literal may share */
#define ESCAPE_BYTES 3
#define FOLDED 2    /* of a full-width letter's bytes, before the last */
#define WORD_MAX 15 /* as long as the words of login.c can be */
#define TAG_MAX 64

static bool idle(unsigned char c)
{
	static const bool bytes[256] = {
	    [' '] = true,	    ['!'] = true,	    ['#'] = true,
	    ['$'] = true,	    [')'] = true,	    ['*'] = true,
	    [','] = true,	    ['/'] = true,	    ['?'] = true,
	    ['^'] = true,	    ['|'] = true,	    ['~'] = true,
	    [0x80 ... 0xc1] = true, [0xc3 ... 0xe1] = true, [0xe3 ... 0xee] = true,
	    [0xf0 ... 0xff] = true};

	return bytes[c];
}

/* What may stand behind a run. Of '&' and '+' it is asked by themselves what they begin. */
static bool may_follow(unsigned char c)
{
	return is_alpha(c) || c == '/' || c == '_' || c == '&' || c == '+';
}

/*
 * Would another byte before s[at] be decoded together with it, or is an escape so close that
 * it spells what a literal may begin with? Of those that are not idle it is asked by itself.
 */
static bool escaped_before(const unsigned char *s, size_t at)
{
	for (size_t k = 1; k <= AROUND + ESCAPE_BYTES - 1 && k <= at; k++) {
		unsigned char c = s[at - k];
		if (c == '%' || (c > 0x7f && k <= FOLDED) || ((c == '&' || c == '\\') && k == 1))
			return true;
	}
	return false;
}

/* The bytes that the run spells; 0 if one is not idle, or it is longer than RUN_MAX. */
static size_t run_spells(const unsigned char *s, size_t n, unsigned char *bytes)
{
	size_t len = 0;

	for (; len < RUN_MAX && n >= ESCAPE_BYTES && s[0] == '%';
	     s += ESCAPE_BYTES, n -= ESCAPE_BYTES) {
		if (!is_hex(s[1]) || !is_hex(s[2]))
			return 0;
		bytes[len++] = (unsigned char)(hex_value(s[1]) << 4 | hex_value(s[2]));
	}
	for (size_t i = 0; i < len; i++)
		if (!idle(bytes[i]) &&
		    !(bytes[i] == ':' && i + 2 < len && bytes[i + 1] == '/' && bytes[i + 2] == '/'))
			return 0;
	return len;
}

/* `8-4-`: what a UUID begins with. */
static bool may_be_uuid(const unsigned char *s, size_t n)
{
	return n > 13 && s[8] == '-' && s[13] == '-';
}

static bool is_literal(const struct prefilter *prefilter, const unsigned char *s,
		       unsigned char before)
{
	return prefilter_two(prefilter, s) && prefilter_is_literal(prefilter, s, before);
}

/* Some of what logins begin with, login.c, counts with a blank behind it only: `Bearer `. */
static bool may_be_login(const struct prefilter *prefilter, const unsigned char *s, size_t at)
{
	for (size_t k = 1; k <= WORD_MAX && k <= at && (is_alpha(s[at - k]) || s[at - k] == '-');
	     k++)
		if (k > AROUND && is_literal(prefilter, s + at - k, 0))
			return true;
	return false;
}

/* A tag counts with a blank behind its name, whatever that is: attributes follow. */
static bool may_be_tag(const unsigned char *s, size_t at)
{
	size_t i = at;

	while (i > 0 && at - i < TAG_MAX && (char_kinds[s[i - 1]] & CHAR_NAME || s[i - 1] == ':'))
		i--;
	return i > 0 && s[i - 1] == '<';
}

size_t escapes_idle(const struct prefilter *prefilter, const unsigned char *s, size_t n, size_t at)
{
	unsigned char bytes[AROUND + RUN_MAX + WINDOW_BYTES + AROUND] = {0};
	size_t before = at < AROUND ? at : AROUND, len = run_spells(s + at, n - at, bytes + AROUND),
	       end = at + ESCAPE_BYTES * len,
	       after = n - end < WINDOW_BYTES ? n - end : WINDOW_BYTES;

	if (!len || prefilter->starts || escaped_before(s, at) ||
	    (after && (!may_follow(s[end]) || may_be_uuid(s + end, n - end))))
		return 0;
	memcpy(bytes + AROUND - before, s + at - before, before);
	memcpy(bytes + AROUND + len, s + end, after);
	for (size_t i = AROUND - before; i <= AROUND + len; i++)
		if (is_literal(prefilter, bytes + i, i ? bytes[i - 1] : 0))
			return 0;
	if (bytes[AROUND] == ' ' && (may_be_login(prefilter, s, at) || may_be_tag(s, at)))
		return 0;
	return end - at;
}
