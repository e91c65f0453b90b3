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

#ifndef __clang__ /* which makes one instruction of two shifts by itself, and of k no constant */
#define JOINED(low, high, k) ((lanes)_mm512_shrdi_epi64((__m512i)(low), (__m512i)(high), (int)(k)))
#endif

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

/* The places of the bits: whether there are none or sixteen, no branch asks. */
static inline void places_at_once(uint64_t bits, size_t base, uint16_t *places)
{
	static const unsigned char all[64] = {
	    0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
	    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
	    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
	V found = _mm512_maskz_compress_epi8(bits, v_load(all)),
	  from = _mm512_set1_epi16((short)base);
	__m256i first = _mm256_cvtepu8_epi16(_mm512_castsi512_si128(found));

	_mm256_storeu_si256((__m256i *)(void *)places,
			    _mm256_add_epi16(_mm512_castsi512_si256(from), first));
	if (__builtin_popcountll(bits) <= 16) /* nearly always */
		return;
	V low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(found));
	V high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(found, 1));

	_mm512_storeu_si512(places, _mm512_add_epi16(from, low));
	_mm512_storeu_si512(places + 32, _mm512_add_epi16(from, high));
}

#define PLACES_OF places_at_once
#include "prefilter_vector.inc"

void prefilter_vbmi(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		    unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
