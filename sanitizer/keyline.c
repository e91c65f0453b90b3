/*
 * keyline - see keyline.h.
 */
#include "keyline.h"

#include "chars.h"

#include <string.h>

#define MIXED_MIN 20  /* base64 in other text: with letters of both cases, and digits */
#define STRONG_MIN 40 /* where a line before was not the key's */
#define SHORT_MAX 16  /* a line that a word may be: few in a row are the key's */
#define SHORTS_MAX 3
#define MISSED_MAX 32
#define TAIL_MIN 4
#define TAIL_SHIFT 3 /* what stands before it may have grown, or shrunk */
#define ESCAPE_LEN 6

const unsigned char *keyline_end(const unsigned char *s, size_t n)
{
	return n ? memmem(s, n, "-----END ", 9) : NULL;
}

static bool is_base64(unsigned char c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* How JSON may spell a byte of base64: `\/`, `\u002B`; 0: it does not. */
static size_t escaped(const unsigned char *s, size_t n)
{
	if (n > 1 && s[0] == '\\' && s[1] == '/')
		return 2;
	if (n < ESCAPE_LEN || memcmp(s, "\\u00", 4) != 0 || (s[4] != '2' && s[4] != '3'))
		return 0;
	return is_hex(s[5]) && is_base64((unsigned char)(hex_value(s[4]) << 4 | hex_value(s[5])))
		   ? ESCAPE_LEN
		   : 0;
}

static size_t base64_end(const unsigned char *s, size_t n, size_t i)
{
	for (size_t len; i < n; i += len) {
		len = is_base64(s[i]) ? 1 : escaped(s + i, n - i);
		if (!len)
			break;
	}
	return i;
}

/* Blanks, quotes, what joins and ends strings of code. */
static bool is_around(unsigned char c)
{
	return is_space(c) || is_quote(c) || c == ',' || c == ';' || c == '[' || c == ']';
}

/* How much of what may stand behind a string of code ends at `to`. */
static size_t around_before(const unsigned char *s, size_t from, size_t to)
{
	if (is_around(s[to - 1]))
		return 1;
	if (to - from < 2)
		return 0;
	if (s[to - 2] == '\\' && (s[to - 1] == 'n' || s[to - 1] == 'r'))
		return 2;
	return s[to - 1] == '+' && is_space(s[to - 2]);
}

static void trim(const unsigned char *s, size_t *from, size_t *to)
{
	size_t len;

	while (*from < *to && is_around(s[*from]))
		++*from;
	while (*to > *from && (len = around_before(s, *from, *to)) > 0)
		*to -= len;
}

static bool is_mixed(const unsigned char *s, size_t n)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < n; i++) {
		upper |= is_upper(s[i]);
		lower |= is_lower(s[i]);
		digit |= is_digit(s[i]);
	}
	return upper && lower && digit;
}

/* The longest run of base64, at *at, no shorter than `least`: paths and ids are there, too. 0:
 * none. */
static size_t mixed_run(const unsigned char *s, size_t n, size_t least, size_t *at)
{
	size_t longest = 0;

	for (size_t i = 0, end; i < n; i = end + 1) {
		end = base64_end(s, n, i);
		if (end - i >= least && end - i > longest && is_mixed(s + i, end - i)) {
			*at = i;
			longest = end - i;
		}
	}
	return longest;
}

/* `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2` */
static bool is_header(const unsigned char *s, size_t n)
{
	static const char *const names[] = {"Proc-Type: ", "DEK-Info: ", "Version: ",  "Comment: ",
					    "Hash: ",	   "Charset: ",	 "MessageID: "};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (n > strlen(names[i]) && !memcmp(s, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Is the word s[from, to) the last in its line, or padded, or in a cell or string of its own? */
static bool is_tail(const unsigned char *s, size_t n, size_t from, size_t to)
{
	return to - from >= TAIL_MIN && (to == n || s[to - 1] == '=' || is_quote(s[to]) ||
					 s[to] == '\\' || s[to] == ',' || s[to] == 0x1b);
}

/* A shorter word about where the lines before began: its length, 0: there is none. */
static size_t tail_length(const struct keyline *k, const unsigned char *s, size_t n, size_t *from)
{
	size_t i = k->column > TAIL_SHIFT ? k->column - TAIL_SHIFT : 0;

	for (; k->aligned && i < n && i <= k->column + TAIL_SHIFT; i++) {
		size_t end = base64_end(s, n, i);
		if ((i > 0 && is_base64(s[i - 1])) || !is_tail(s, n, i, end))
			continue;
		*from = i;
		return end - i;
	}
	return 0;
}

/* One more that is not the key's. */
static enum keyline_what miss(struct keyline *k)
{
	k->aligned = false;
	k->open = ++k->missed <= MISSED_MAX;
	return KEYLINE_NONE;
}

static enum keyline_what take(struct keyline *k, bool all, bool is_short)
{
	k->body = true;
	k->missed = 0;
	k->shorts = is_short ? k->shorts + 1 : 0;
	k->aligned = !all && !is_short;
	return all ? KEYLINE_ALL : KEYLINE_PART;
}

void keyline_was_taken(struct keyline *k, bool alone)
{
	k->body = true;
	if (alone)
		(void)take(k, true, true);
	else
		(void)miss(k);
}

/* Nothing but base64. */
static enum keyline_what take_alone(struct keyline *k, size_t len)
{
	bool is_short = len < SHORT_MAX;

	if (is_short ? k->shorts >= SHORTS_MAX || k->missed : k->missed && len < STRONG_MIN)
		return miss(k);
	if (len > 0)
		return take(k, true, is_short);
	k->shorts++;
	return KEYLINE_ALL;
}

enum keyline_what keyline_take(struct keyline *k, const unsigned char *s, size_t n, size_t *from,
			       size_t *to)
{
	size_t len;

	while (n > 0 && is_space(s[n - 1]))
		n--;
	*from = 0;
	*to = n;
	trim(s, from, to);
	if (base64_end(s, *to, *from) == *to)
		return take_alone(k, *to - *from);
	if (!k->body && !k->missed && is_header(s + *from, *to - *from))
		return KEYLINE_ALL;
	len = mixed_run(s, n, k->missed ? STRONG_MIN : MIXED_MIN, from);
	if (len) {
		k->column = *from;
		*to = *from + len;
		return take(k, false, false);
	}
	len = tail_length(k, s, n, from);
	*to = *from + len;
	return len ? take(k, false, true) : miss(k);
}

bool keyline_begins(const unsigned char *s, size_t n)
{
	size_t i = 0, at;

	while (i < n && (is_space(s[i]) || s[i] == '\\'))
		i += s[i] == '\\' ? 2 : 1;
	return (i < n && is_base64(s[i])) || mixed_run(s, n, MIXED_MIN, &at) > 0;
}
