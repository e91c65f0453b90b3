/*
 * keyline - see keyline.h.
 */
#include "keyline.h"

#include "chars.h"

#include <string.h>

#define LINES_MAX 512 /* of 64 bytes; RSA with 16384 bits has 200 */
#define MIXED_MIN 20  /* base64 between other text: with letters of both cases, and digits */
#define TAIL_MIN 4
#define ODD_MAX 8 /* bytes that neither keys nor what is around them in a log have */

static bool is_base64(unsigned char c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* Of base64 from i on the end; JSON may have its slashes escaped. */
static size_t base64_end(const unsigned char *s, size_t n, size_t i)
{
	while (i < n && (is_base64(s[i]) || (s[i] == '\\' && i + 1 < n && s[i + 1] == '/')))
		i++;
	return i;
}

/* Blanks, quotes, what joins and ends strings of code. */
static bool is_around(unsigned char c)
{
	return is_space(c) || is_quote(c) || c == ',' || c == ';' || c == '[' || c == ']';
}

/* An escaped newline or the like that ends at `to`. */
static bool escape_before(const unsigned char *s, size_t from, size_t to)
{
	return to - from >= 2 && s[to - 2] == '\\' && (s[to - 1] == 'n' || s[to - 1] == 'r');
}

/* The line without what may stand around a string of code. */
static void trim(const unsigned char *s, size_t *from, size_t *to)
{
	size_t i = *from, end = *to;

	while (i < end && is_around(s[i]))
		i++;
	while (end > i && (is_around(s[end - 1]) || escape_before(s, i, end) ||
			   (s[end - 1] == '+' && is_space(s[end - 2]))))
		end -= escape_before(s, i, end) ? 2 : 1;
	*from = i;
	*to = end;
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

/* The first long run of base64 from i on; its length, 0: there is none. */
static size_t mixed_run(const unsigned char *s, size_t n, size_t *at)
{
	for (size_t i = 0, end; i < n; i = end + 1) {
		end = base64_end(s, n, i);
		if (end - i >= MIXED_MIN && is_mixed(s + i, end - i)) {
			*at = i;
			return end - i;
		}
	}
	return 0;
}

static bool is_odd(const unsigned char *s, size_t n)
{
	size_t odd = 0;

	for (size_t i = 0; i < n && odd <= ODD_MAX; i++)
		odd += !(is_base64(s[i]) || is_around(s[i]) || s[i] == ':' || s[i] == '-' ||
			 s[i] == '\\');
	return odd > ODD_MAX;
}

/* `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2`: where it stands, n: nowhere. */
static size_t header_at(const unsigned char *s, size_t n)
{
	static const char *const names[] = {"Proc-Type: ", "DEK-Info: ", "Version: ",  "Comment: ",
					    "Hash: ",	   "Charset: ",	 "MessageID: "};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const unsigned char *found = memmem(s, n, names[i], strlen(names[i]));
		if (found)
			return (size_t)(found - s);
	}
	return n;
}

/* A shorter line where those before began, and nothing but a string's end behind it. */
static size_t tail_length(const struct key_lines *k, const unsigned char *s, size_t n)
{
	size_t end;

	if (k->column == 0 || k->column >= n || is_base64(s[k->column - 1]))
		return 0;
	end = base64_end(s, n, k->column);
	return end - k->column >= TAIL_MIN && (end == n || is_quote(s[end]) || s[end] == '\\')
		   ? end - k->column
		   : 0;
}

/* A line that holds more than base64, of which the key's begins at *from. */
static enum key_line part_of(struct key_lines *k, const unsigned char *s, size_t n, size_t *from,
			     size_t *to)
{
	size_t len = mixed_run(s, n, from);

	if (len) {
		*to = *from + len;
		k->column = *from;
		k->body = true;
		return KEY_PART;
	}
	*from = k->column;
	*to = *from + tail_length(k, s, n);
	return *to > *from ? KEY_LAST : KEY_OVER;
}

enum key_line key_line(struct key_lines *k, const unsigned char *s, size_t n, size_t *from,
		       size_t *to)
{
	bool behind_header = k->header;
	enum key_line what;
	size_t header;

	*from = 0;
	*to = n;
	k->header = false;
	if (k->lines++ == LINES_MAX)
		return KEY_OVER;
	trim(s, from, to);
	if (base64_end(s, *to, *from) == *to) { /* or nothing */
		k->column = *to > *from ? 0 : k->column;
		k->body |= *to > *from;
		return KEY_LINE;
	}
	if (is_odd(s, n))
		return KEY_OVER;
	header = k->body ? n : header_at(s, n);
	k->header = header < n;
	if (header == *from)
		return KEY_LINE;
	what = k->header ? KEY_OVER : part_of(k, s, n, from, to);
	if (what != KEY_OVER || !(k->header || behind_header))
		return what;
	*to = *from; /* no secret in itself */
	return KEY_PART;
}

bool key_begins(const unsigned char *s, size_t n)
{
	size_t i = 0, at;

	while (i < n && (is_space(s[i]) || s[i] == '\\'))
		i += s[i] == '\\' ? 2 : 1;
	return (i < n && is_base64(s[i])) || mixed_run(s, n, &at) > 0;
}
