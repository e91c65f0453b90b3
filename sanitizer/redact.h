/*
 * redact - what stands in the place of a piece.
 */
#ifndef SANITIZER_REDACT_H
#define SANITIZER_REDACT_H

#include "engine.h"

/* "[REDACTED_EMAIL" without the bracket's end is never longer; own names are 31 at most. */
#define REPLACEMENT_MAX 192

/* Length of a placeholder or pseudonym of ours at s, 0 if none: it is never detected again. */
size_t placeholder_length(const unsigned char *s, size_t n);
/*
 * Does one stand at s[i]? What is left beside it was looked at when the value itself
 * stood there, most often a letter or digit, and must be seen the same way again.
 */
static inline bool placeholder_at(const struct record *r, size_t i)
{
	return i < r->n && r->s[i] == '[' && placeholder_length(r->s + i, r->n - i) > 0;
}

/*
 * Write the replacement of a piece (raw[start..end) of the record) to out, at most
 * REPLACEMENT_MAX bytes; masks and own placeholders are given as *text instead, out
 * is not used then. Returns the length.
 */
size_t redact_piece(const struct san_rules *rules, const struct piece *piece,
		    const unsigned char *record, unsigned char *out, const char **text);

#endif
