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
#include "prefilter_look.h"

#include <string.h>

#define RUN_MAX 24
#define AROUND 4 /* bytes before it; a literal may share one less */
#define BEHIND 8
#define SHORT 4 /* escapes, as most have */
#define ESCAPE_BYTES 3
#define NEAR 5	    /* an escape so close spells what a literal may begin with */
#define FOLDED 2    /* of a full-width letter's bytes, before the last */
#define WORD_MAX 15 /* as long as the words of login.c can be */
#define TAG_MAX 64

_Static_assert(AROUND == WINDOW_BYTES, "whole literals");

/* What a run spells, and what stands around it. */
struct run {
	size_t len;
	unsigned char bytes[AROUND + RUN_MAX + BEHIND];
};

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

/*
 * May s[0..n) stand behind a run, and the byte before it? Of '&' and '+' it is asked by
 * themselves what they begin; a number is too short for one that counts.
 */
static bool may_follow(const unsigned char *s, size_t n, unsigned char before)
{
	static const bool bytes[256] = {['"'] = true,	      ['&'] = true,	   ['+'] = true,
					['/'] = true,	      ['_'] = true,	   [0] = true,
					['A' ... 'Z'] = true, ['a' ... 'z'] = true};
	size_t i = 0;

	if (n == 0 || bytes[*s])
		return true;
	if (*s == ' ')
		return is_alpha(before);
	while (i < n && i < 3 && is_digit(s[i]))
		i++;
	if (i == 0 || i == n)
		return i > 0;
	i += s[i] == ')';
	return i == n || s[i] == '"' || s[i] == '&';
}

/* One that is not idle, but harmless as it stands: `://`, `Feed: `, `f(x`. */
static bool harmless(const struct prefilter *prefilter, const struct run *run, size_t at)
{
	const unsigned char *s = run->bytes + at;

	if (*s == '(')
		return is_alpha(s[1]);
	if (*s != ':')
		return false;
	return (s[1] == '/' && s[2] == '/' && at + 2 < AROUND + run->len) ||
	       (at == AROUND && !is_alnum(s[1]) && s[1] != ':' &&
		prefilter_ends_no_name(prefilter, s));
}

/*
 * Would another byte before s[at] be decoded together with it, or is an escape so close that
 * it spells what a literal may begin with? Of those that are not idle it is asked by itself.
 */
static bool escaped_before(const unsigned char *s, size_t at)
{
	bool percent = false, folded = false;

	for (size_t k = 1; k <= NEAR; k++)
		percent |= s[at - k] == '%';
	for (size_t k = 1; k <= FOLDED; k++)
		folded |= s[at - k] > 0x7f;
	return percent | folded | (s[at - 1] == '&') | (s[at - 1] == '\\');
}

/* The run at s[at], NULs where the line does not go on. Without bytes if it is too long. */
static void run_read(struct run *run, const unsigned char *s, size_t n, size_t at)
{
	size_t end = at, len = 0;

	for (; end < n && s[end] == '%'; end += ESCAPE_BYTES) {
		if (len == RUN_MAX || n - end < ESCAPE_BYTES || !is_hex(s[end + 1]) ||
		    !is_hex(s[end + 2])) {
			len = 0;
			break;
		}
		run->bytes[AROUND + len++] =
		    (unsigned char)(hex_value(s[end + 1]) << 4 | hex_value(s[end + 2]));
	}
	run->len = len;
	memcpy(run->bytes, s + at - AROUND, AROUND);
	if (n - end >= BEHIND) {
		memcpy(run->bytes + AROUND + len, s + end, BEHIND);
		return;
	}
	for (size_t k = 0; k < BEHIND; k++)
		run->bytes[AROUND + len + k] = end + k < n ? s[end + k] : 0;
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

/*
 * Does a literal begin in what the run spells, close before it, or just behind? How many bytes
 * that are cannot be foretold: of a short run more are looked at than there are.
 */
static bool literal_begins(const struct prefilter *prefilter, const struct run *run)
{
	size_t last = AROUND + run->len;
	unsigned two = 0;

	_Static_assert(SHORT + 1 <= BEHIND, "two bytes from each");
#pragma GCC unroll 8
	for (size_t i = 1; i <= AROUND + SHORT; i++)
		two |= (unsigned)prefilter_two(prefilter, run->bytes + i) << i;
	if (run->len <= SHORT && !(two & ((2u << last) - 1)))
		return false;
	for (size_t i = 1; i <= last; i++)
		if (is_literal(prefilter, run->bytes + i, run->bytes[i - 1]))
			return true;
	return false;
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
	struct run run;
	size_t end;

	if (at < NEAR)
		return 0;
	run_read(&run, s, n, at);
	end = at + ESCAPE_BYTES * run.len;
	if (!run.len || prefilter->starts || !may_follow(s + end, n - end, run.bytes[AROUND - 1]) ||
	    escaped_before(s, at) || may_be_uuid(s + end, n - end))
		return 0;
	for (size_t i = AROUND; i < AROUND + run.len; i++)
		if (!idle(run.bytes[i]) && !harmless(prefilter, &run, i))
			return 0;
	if (literal_begins(prefilter, &run))
		return 0;
	if (run.bytes[AROUND] == ' ' && (may_be_login(prefilter, s, at) || may_be_tag(s, at)))
		return 0;
	return end - at;
}
