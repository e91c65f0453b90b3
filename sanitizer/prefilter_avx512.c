/*
 * prefilter_avx512 - 64 bytes at a time, x86-64-v4.
 */
#pragma GCC optimize("O3")
#include <immintrin.h>
#include <stdint.h>

typedef __m512i V;
#define GROUP 8
#define WIDTH 64

static inline V v_load(const unsigned char *p)
{
	return _mm512_loadu_si512(p);
}

static inline V v_table(const unsigned char *t)
{
	return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)t));
}

static inline V v_and(V a, V b)
{
	return _mm512_and_si512(a, b);
}

static inline V v_or(V a, V b)
{
	return _mm512_or_si512(a, b);
}

static inline V v_sub(V a, V b)
{
	return _mm512_sub_epi8(a, b);
}

static inline V v_shuffle(V table, V index)
{
	return _mm512_shuffle_epi8(table, index);
}

static inline V v_shift4(V v)
{
	return _mm512_srli_epi16(v, 4);
}

static inline uint64_t v_equal(V a, V b)
{
	return _mm512_cmpeq_epi8_mask(a, b);
}

static inline uint64_t v_below(V a, V b)
{
	return _mm512_cmplt_epu8_mask(a, b);
}

static inline uint64_t v_nonzero(V v)
{
	return _mm512_test_epi8_mask(v, v);
}

#include "prefilter_vector.inc"

void prefilter_avx512(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		      unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
