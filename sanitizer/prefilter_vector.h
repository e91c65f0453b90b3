/*
 * prefilter_vector - classify() for any vector width.
 *
 * The including file defines V (the vector), WIDTH (its bytes) and v_load, v_set1,
 * v_table (16 bytes in every lane), v_and, v_or, v_sub, v_shuffle, v_high_nibble,
 * and to masks of WIDTH bits: v_equal, v_below (unsigned), v_nonzero.
 */
#ifndef SANITIZER_PREFILTER_VECTOR_H
#define SANITIZER_PREFILTER_VECTOR_H

#include "prefilter_kernel.h"

/* Teddy at one vector of first bytes: the buckets whose four bytes all agree. */
static inline V window_buckets(const struct prefilter *pf, const unsigned char *p)
{
	V all = v_set1(0xff);

	for (int k = 0; k < 4; k++) {
		V v = v_load(p + k);
		V low = v_shuffle(v_table(pf->low[k]), v_and(v, v_set1(15)));
		V high = v_shuffle(v_table(pf->high[k]), v_high_nibble(v));
		all = v_and(all, v_and(low, high));
	}
	return all;
}

#define SET(bitmap, bits) (w[bitmap] |= (uint64_t)(bits) << shift)

/* One vector's bits of every class into the words of its block. */
__attribute__((always_inline)) static inline void
classify_vector(const struct prefilter *pf, const unsigned char *p, unsigned shift, uint64_t *w)
{
	V v = v_load(p), letter = v_sub(v_or(v, v_set1(0x20)), v_set1('a'));
	uint64_t digit = v_below(v_sub(v, v_set1('0')), 10), alnum = digit | v_below(letter, 26);
	uint64_t dash = v_equal(v, '-'), dot = v_equal(v, '.'), under = v_equal(v, '_');
	uint64_t escape = v_equal(v, '\\') | v_equal(v, '&');

	if (v_below(v_sub(v, v_set1(0x80)), 0x80))
		escape |= v_equal(v, 0xc2) | v_equal(v, 0xe2) | v_equal(v, 0xef);
	SET(DIGIT, digit);
	SET(HEX, digit | v_below(letter, 6));
	SET(ALNUM, alnum);
	SET(DASH, dash);
	SET(DOT, dot);
	SET(COLON, v_equal(v, ':'));
	SET(PLUS, v_equal(v, '+'));
	SET(ZERO, v_equal(v, '0'));
	SET(AT, v_equal(v, '@'));
	SET(PERCENT, v_equal(v, '%'));
	SET(ESCAPE, escape);
	SET(UNDERSCORE, under);
	SET(EQUALS, v_equal(v, '='));
	SET(BLANK, v_equal(v, ' '));
	SET(OPEN, v_equal(v, '('));
	SET(QUOTE, v_equal(v, '"') | v_equal(v, '\''));
	SET(SLASH, v_equal(v, '/'));
	SET(LESS, v_equal(v, '<'));
	SET(MORE, v_equal(v, '>'));
	SET(LITERAL, v_nonzero(window_buckets(pf, p)));
	SET(TOKEN, alnum | dash | dot | under);
}

__attribute__((always_inline)) static inline void
classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b, size_t i)
{
	uint64_t w[BITMAPS] = {0};

	for (unsigned shift = 0; shift < 64; shift += WIDTH)
		classify_vector(pf, p + shift, shift, w);
	for (int k = 0; k < BITMAPS; k++)
		b->row[k][i] = w[k];
}

#endif
