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

/* In place of what was found in it or reaches into it; what was found around it says more. */
static void key_piece(struct san_scanner *scanner, size_t from, size_t to)
{
	struct piece key = {.start = (uint32_t)from,
			    .end = (uint32_t)to,
			    .san_class = SAN_API_KEY,
			    .silent = scanner->carry.key_seen,
			    .rule = "private_key"};
	struct piece *p = scanner->pieces;
	size_t before = 0, behind, n = scanner->n_pieces;

	while (before < n && p[before].end <= from)
		before++;
	for (behind = before; behind < n && p[behind].start < to; behind++)
		;
	if (before < behind) {
		const struct piece *first = &p[before], *last = &p[behind - 1];
		if (first->start <= from && first->end >= to)
			return;
		key.start = first->start < key.start ? first->start : key.start;
		key.end = last->end > key.end ? last->end : key.end;
	} else if (n == PIECES_MAX) {
		return;
	}
	memmove(p + before + 1, p + behind, (n - behind) * sizeof(*p));
	p[before] = key;
	scanner->n_pieces = n - (behind - before) + 1;
	scanner->carry.key_seen = true;
}

void keyrecord_open(struct san_scanner *scanner, const struct record *r)
{
	const unsigned char *rest = r->raw + r->key_block;
	size_t n = r->raw_n - r->key_block;

	if (!r->key_block || keyline_end(rest, n))
		return;
	scanner->carry.key_seen = r->key_block_seen;
	scanner->carry.key =
	    (struct keyline){.open = true, .body = r->key_block_seen || cleaned_line(rest, n)};
}

bool keyrecord_take(struct san_scanner *scanner, const unsigned char *s, size_t n)
{
	struct keyline *k = &scanner->carry.key;
	const unsigned char *end = keyline_end(s, n);
	size_t len = end ? (size_t)(end - s) : n, from = 0, to = 0;
	enum keyline_what what = KEYLINE_NONE;
	struct record r;

	if (n > SEGMENT_MAX) {
		k->open = false;
		return false;
	}
	while (len > 0 && is_space(s[len - 1]))
		len--;
	if (key_placeholder(s, len)) {
		keyline_was_taken(k, true);
		what = KEYLINE_ALL;
		to = len;
	} else if (cleaned_line(s, len)) {
		keyline_was_taken(k, false);
	} else {
		what = keyline_take(k, s, len, &from, &to);
	}
	k->open = k->open && !end;
	scanner->n_pieces = 0;
	if (what != KEYLINE_ALL || end) {
		engine_record(scanner, SAN_TEXT, s, n, &r);
		carry_record_ends(&scanner->carry);
	}
	if (what != KEYLINE_NONE && to > from)
		key_piece(scanner, from, to);
	if (what != KEYLINE_ALL || end)
		keyrecord_open(scanner, &r);
	return true;
}
