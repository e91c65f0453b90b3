/*
 * prefilter_sse - 16 bytes at a time, x86-64-v2.
 */
#pragma GCC optimize("O3,no-tree-slp-vectorize") /* it would pair up scalar stores */
#include <immintrin.h>
#include <stdint.h>

typedef __m128i V;
#define GROUP 2
#define WIDTH 16

static inline V v_load(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline V v_table(const unsigned char *t)
{
	return v_load(t);
}

static inline V v_and(V a, V b)
{
	return _mm_and_si128(a, b);
}

static inline V v_or(V a, V b)
{
	return _mm_or_si128(a, b);
}

static inline V v_sub(V a, V b)
{
	return _mm_sub_epi8(a, b);
}

static inline V v_shuffle(V table, V index)
{
	return _mm_shuffle_epi8(table, index);
}

static inline V v_shift4(V v)
{
	return _mm_srli_epi16(v, 4);
}

static inline uint64_t v_bits(V v)
{
	return (uint32_t)_mm_movemask_epi8(v);
}

static inline uint64_t v_equal(V a, V b)
{
	return v_bits(_mm_cmpeq_epi8(a, b));
}

static inline V v_adds(V v, unsigned char c)
{
	return _mm_adds_epu8(v, _mm_set1_epi8((char)c));
}

static inline V v_double(V v)
{
	return _mm_add_epi8(v, v);
}

#include "prefilter_vector.inc"

void prefilter_sse(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		   unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
