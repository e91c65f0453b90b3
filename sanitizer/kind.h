/*
 * kind - what the name that ends at a place says.
 *
 * A log has the same names on every line: what they were found to be is kept, so that the
 * tables are asked about new ones alone.
 */
#ifndef SANITIZER_KIND_H
#define SANITIZER_KIND_H

#include "eight.h"
#include "value.h"

#define NAME_MAX_BYTES 64 /* what is longer is none */

/* The same as name_start(), where brackets stand in the name. */
size_t name_start_bracketed(const struct record *r, size_t least, size_t end);
/* A name that was not seen, or not lately, takes the place of another; NULL: it is too long. */
enum name_kind kind_anew(const struct san_rules *rules, struct name_seen *seen,
			 const unsigned char *s, size_t n);
/* What the last two words say, of which the last one says `kind`. */
enum name_kind kind_of_two(struct san_scanner *scanner, const struct record *r, enum name_kind kind,
			   size_t *start, size_t end);

/* Where the name before s[end] begins. */
static inline size_t name_start(const struct record *r, size_t end)
{
	size_t i = end, least = end > NAME_MAX_BYTES ? end - NAME_MAX_BYTES : 0;
	const unsigned char *s = r->s;

	if (least < r->cursor && r->cursor <= end)
		least = r->cursor;
	while (i > least && char_kinds[s[i - 1]] & CHAR_WORD)
		i--;
	return i > least && name_byte(s[i - 1]) ? name_start_bracketed(r, least, end) : i;
}

/* As name_kind(), with names of one's own; remembered where it was asked lately. */
static inline enum name_kind kind_recall(struct san_scanner *scanner, const unsigned char *s,
					 size_t n)
{
	const uint64_t golden = 0x9e3779b97f4a7c15u;
	struct name_seen *seen;
	uint64_t text[NAME_WORDS];

	if (n == 0 || n > sizeof(text))
		return kind_anew(scanner->rules, NULL, s, n);
	eight_pack(text, s, n);
	seen = &scanner->names[(text[0] + 31 * text[1] + n) * golden >> (64 - NAMES_BITS)];
	if (seen->len != n || seen->text[0] != text[0] || seen->text[1] != text[1] ||
	    seen->text[2] != text[2] || seen->text[3] != text[3])
		return kind_anew(scanner->rules, seen, s, n);
	return (enum name_kind)seen->kind;
}

/* "api key", "Session ID": a blank may split the last two words. */
static inline enum name_kind kind_at(struct san_scanner *scanner, const struct record *r,
				     size_t *start, size_t end)
{
	const unsigned char *s = r->s + *start;
	enum name_kind kind = kind_recall(scanner, s, end - *start);

	return *start < 3 || s[-1] != ' ' || !is_alpha(s[-2])
		   ? kind
		   : kind_of_two(scanner, r, kind, start, end);
}

#endif
