/*
 * prefilter_vbmi - 64 bytes at a time, with tables of 64 entries and shifts over two
 * words: Ice Lake, Zen 4 and later.
 *
 * A byte's lower six bits tell all that words are made of but for '0'..'9' from 'p'..'y';
 * that is closer than two nibbles, and one look-up instead of two.
 */
#pragma GCC optimize("O3,no-tree-slp-vectorize") /* it would pair up scalar stores */
#include "prefilter_isa.h"
#include "prefilter_zmm.inc"

#define JOINED(low, high, k) ((lanes)_mm512_shrdi_epi64((__m512i)(low), (__m512i)(high), (int)(k)))

static inline V six_bits(V v, const unsigned char *table)
{
	return _mm512_permutexvar_epi8(v, v_load(table));
}

__attribute__((always_inline)) static inline V buckets_by_six(const struct prefilter *pf,
							      const unsigned char *p, V v, V high)
{
	(void)high;
	V found = six_bits(v, pf->six[0]);

#pragma GCC unroll 4
	for (int k = 1; k < WINDOW_BYTES; k++)
		found = v_and(found, six_bits(v_load(p + k), pf->six[k]));
	return found;
}

#define BUCKETS_OF buckets_by_six
#include "prefilter_vector.inc"

void prefilter_vbmi(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		    unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
