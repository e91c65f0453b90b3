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
#include "prefilter_gather.inc"

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

static const unsigned char each[64] = {
    0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/*
 * The places of the bits of so many blocks. Whether there are none in one or sixteen, no branch
 * asks: more are seldom.
 */
static inline size_t places_at_once(const uint64_t *blocks, size_t n, uint16_t *places)
{
	V from = _mm512_setzero_si512(), all = v_load(each);
	uint16_t *end = places;

	for (size_t i = 0; i < n; i++) {
		V found = _mm512_maskz_compress_epi8(blocks[i], all);
		size_t many = (size_t)__builtin_popcountll(blocks[i]);
		__m256i first = _mm256_cvtepu8_epi16(_mm512_castsi512_si128(found));

		_mm256_storeu_si256((__m256i *)(void *)end,
				    _mm256_add_epi16(_mm512_castsi512_si256(from), first));
		if (many > 16) {
			V low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(found));
			V high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(found, 1));

			_mm512_storeu_si512(end, _mm512_add_epi16(from, low));
			_mm512_storeu_si512(end + 32, _mm512_add_epi16(from, high));
		}
		end += many;
		from = _mm512_add_epi16(from, _mm512_set1_epi16(64));
	}
	return (size_t)(end - places);
}

#define HALF 32 /* blocks: a byte tells which of their bytes */

/* The same of HALF blocks at most in any order, behind places before `from`. */
static inline uint16_t *places_of_half(const uint64_t *blocks, size_t n, size_t from,
				       uint16_t *end)
{
	unsigned char bytes[HALF * 8 + WIDTH], index[HALF * 8 + WIDTH];
	V all = v_load(each), base = _mm512_set1_epi16((short)from);
	size_t many = 0;

	for (size_t i = 0; i < n; i += 8) {
		__mmask64 there = n - i < 8 ? (1ull << 8 * (n - i)) - 1 : ~0ull;
		V v = _mm512_maskz_loadu_epi8(there, blocks + i);
		__mmask64 some = _mm512_test_epi8_mask(v, v);

		_mm512_storeu_si512(bytes + many, _mm512_maskz_compress_epi8(some, v));
		_mm512_storeu_si512(index + many, _mm512_maskz_compress_epi8(some, all));
		many += (size_t)__builtin_popcountll(some);
		all = _mm512_add_epi8(all, _mm512_set1_epi8(64));
	}
	for (size_t k = 0; k < many; k += 32) {
		V left = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const void *)(bytes + k)));
		V at = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const void *)(index + k)));
		__mmask32 some = _mm512_test_epi16_mask(left, left);

		at = _mm512_add_epi16(base, _mm512_slli_epi16(at, 3));
		for (; some; some = _mm512_test_epi16_mask(left, left)) {
			V less = _mm512_sub_epi16(left, _mm512_set1_epi16(1));
			V bit = _mm512_popcnt_epi16(_mm512_andnot_si512(left, less));

			_mm512_storeu_si512(
			    end, _mm512_maskz_compress_epi16(some, _mm512_add_epi16(at, bit)));
			end += __builtin_popcount(some);
			left = v_and(left, less);
		}
	}
	return end;
}

static inline size_t places_in_any_order(const uint64_t *blocks, size_t n, uint16_t *places)
{
	uint16_t *end = places;

	for (size_t i = 0; i < n; i += HALF)
		end = places_of_half(blocks + i, n - i < HALF ? n - i : HALF, i * 64, end);
	return (size_t)(end - places);
}

#define LITERALS_OF places_in_any_order
#define PLACES_OF places_at_once
#include "prefilter_vector.inc"

void prefilter_vbmi(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		    unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
