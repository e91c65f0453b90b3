/*
 * record - a line of text, a URL or a document, seen as it is or decoded (view.h).
 */
#ifndef SANITIZER_RECORD_H
#define SANITIZER_RECORD_H

#include "chars.h"
#include "sanitizer.h"

#include <stdbool.h>
#include <stdint.h>

/* A part of a raw record inside or between strings of JSON; `to` is the quote that ends it. */
struct stretch {
	size_t from, to;
	bool inside;
};

struct record {
	const unsigned char *s;
	size_t n;
	const unsigned char *raw;
	size_t raw_n;
	const unsigned char *level; /* rounds per byte: low 4 bits percent, high 4 backslash */
	const uint32_t *origin;	    /* n + 1 offsets into the raw record; NULL: the same */
	enum san_mode mode;
	bool json;     /* looks like a JSON document or line */
	size_t cursor; /* pieces may not begin before: end of the last accepted */
	size_t taken;  /* where that began */
	size_t hex_seen, ip6_seen, jwt_seen, key_seen; /* looked at up to here */
	size_t jwt_tries;
	size_t name_failed;	/* a name that ends here has no value; 0: none */
	size_t quote_used;	/* the quote that closed the last value: opens nothing */
	struct stretch strings; /* see string_limit() */
	size_t url_seen;	/* see login_path() */
	bool url_login;
	size_t programs_to; /* see programs_before() */
	unsigned programs;
	size_t matrix_seen; /* see is_matrix() */
	bool matrix;
	size_t key_block;    /* a key block begins here: behind its label; 0: none */
	bool key_block_seen; /* with a part of its body */
	bool viewed;
	size_t at_last, at_start; /* the last "@", and where its authority begins (0: none) */
};

static inline unsigned percent_level(const struct record *r, size_t i)
{
	return r->level ? r->level[i] & 15u : 0;
}

static inline unsigned escape_level(const struct record *r, size_t i)
{
	return r->level ? r->level[i] >> 4 : 0;
}

static inline uint32_t raw_offset(const struct record *r, size_t i)
{
	return r->origin ? r->origin[i] : (uint32_t)i;
}

/* Behind the blanks from i on. */
static inline size_t blanks_end(const struct record *r, size_t i)
{
	while (i < r->n && is_blank(r->s[i]))
		i++;
	return i;
}

/* Does a word begin at `at`? What was accepted ends one: a placeholder will stand there. */
static inline bool word_begins(const struct record *r, size_t at)
{
	return at == 0 || at == r->cursor || !is_alnum(r->s[at - 1]);
}

#endif
