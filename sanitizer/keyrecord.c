/*
 * keyrecord - see keyrecord.h.
 */
#include "keyrecord.h"

#include "chars.h"
#include "cut.h"
#include "redact.h"

#include <string.h>

/* A placeholder within a line: this one was looked at already, as no line of a key. */
static bool cleaned_line(const unsigned char *s, size_t len)
{
	const unsigned char *open = memchr(s, '[', len);

	for (; open; open = memchr(open + 1, '[', len - (size_t)(open + 1 - s)))
		if (placeholder_length(open, len - (size_t)(open - s)) > 0)
			return true;
	return memmem(s, len, "redacted-", 9) != NULL;
}

/* What stands for all lines of a key, alone. */
static bool key_placeholder(const unsigned char *s, size_t len)
{
	return len == 18 && !memcmp(s, "[REDACTED_API_KEY]", 18);
}

/* In place of what was found in it; what was found around it says more. */
static void key_piece(struct san_scanner *scanner, size_t from, size_t to)
{
	const struct piece key = {.start = (uint32_t)from,
				  .end = (uint32_t)to,
				  .san_class = SAN_API_KEY,
				  .silent = scanner->carry.key_block_seen,
				  .rule = "private_key"};
	struct piece *p = scanner->pieces;
	size_t before = 0, behind, n = scanner->n_pieces;

	while (before < n && p[before].end <= from)
		before++;
	for (behind = before; behind < n && p[behind].start < to; behind++)
		;
	if (n - (behind - before) == PIECES_MAX ||
	    (before < behind && p[before].start <= from && p[before].end >= to))
		return;
	memmove(p + before + 1, p + behind, (n - behind) * sizeof(*p));
	p[before] = key;
	scanner->n_pieces = n - (behind - before) + 1;
	scanner->carry.key_block_seen = true;
}

bool key_record(struct san_scanner *scanner, const unsigned char *s, size_t n)
{
	const unsigned char *end = n ? memmem(s, n, "-----END ", 9) : NULL;
	size_t len = end ? (size_t)(end - s) : n, from = 0, to = 0;
	enum key_line what = KEY_LINE;

	while (len > 0 && is_space(s[len - 1]))
		len--;
	if (key_placeholder(s, len)) {
		to = len;
		scanner->carry.key_lines.body = true;
	} else if (cleaned_line(s, len)) {
		what = KEY_OVER;
	} else {
		what = key_line(&scanner->carry.key_lines, s, len, &from, &to);
	}
	if (n > SEGMENT_MAX && (what != KEY_LINE || end))
		what = KEY_OVER;
	scanner->carry.key_block = !end && (what == KEY_LINE || what == KEY_PART);
	if (what == KEY_OVER || (end && to == from))
		return false;
	scanner->n_pieces = 0;
	if (what != KEY_LINE || end) {
		engine_record(scanner, SAN_TEXT, s, n);
		carry_record_ends(&scanner->carry);
	}
	if (to > from)
		key_piece(scanner, from, to);
	return true;
}

void key_record_opens(struct san_scanner *scanner, const unsigned char *rest, size_t n, bool seen)
{
	scanner->carry.key_block = true;
	scanner->carry.key_block_seen = seen;
	scanner->carry.key_lines = (struct key_lines){.body = seen || cleaned_line(rest, n)};
}
