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

static inline void classify_vector(const struct prefilter *pf, const unsigned char *p, unsigned shift,
				   struct bitmaps *b)
{
	V v = v_load(p), letter = v_sub(v_or(v, v_set1(0x20)), v_set1('a'));
	V buckets = window_buckets(pf, p);
	uint64_t digit = v_below(v_sub(v, v_set1('0')), 10);
	uint64_t escape = v_equal(v, '\\') | v_equal(v, '&');

	if (v_below(v_sub(v, v_set1(0x80)), 0x80))
		escape |= v_equal(v, 0xc2) | v_equal(v, 0xe2) | v_equal(v, 0xef);
	b->digit |= digit << shift;
	b->hex |= (digit | v_below(letter, 6)) << shift;
	b->alnum |= (digit | v_below(letter, 26)) << shift;
	b->dash |= v_equal(v, '-') << shift;
	b->dot |= v_equal(v, '.') << shift;
	b->colon |= v_equal(v, ':') << shift;
	b->plus |= v_equal(v, '+') << shift;
	b->zero |= v_equal(v, '0') << shift;
	b->at |= v_equal(v, '@') << shift;
	b->percent |= v_equal(v, '%') << shift;
	b->escape |= escape << shift;
	b->equals |= v_equal(v, '=') << shift;
	b->blank |= v_equal(v, ' ') << shift;
	b->open |= v_equal(v, '(') << shift;
	b->quote |= (v_equal(v, '"') | v_equal(v, '\'')) << shift;
	b->less |= v_equal(v, '<') << shift;
	b->more |= v_equal(v, '>') << shift;
	b->literal |= v_nonzero(buckets) << shift;
}

static inline void classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b)
{
	memset(b, 0, sizeof(*b));
	for (unsigned shift = 0; shift < 64; shift += WIDTH)
		classify_vector(pf, p + shift, shift, b);
}

#endif
