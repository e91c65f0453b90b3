/*
 * prefilter_avx2 - 32 bytes at a time, x86-64-v3.
 */
#pragma GCC optimize("O3,no-tree-slp-vectorize") /* it would pair up scalar stores */
#include <immintrin.h>
#include <stdint.h>

typedef __m256i V;
#define GROUP 4
#define WIDTH 32

static inline V v_load(const unsigned char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline V v_table(const unsigned char *t)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)t));
}

static inline V v_and(V a, V b)
{
	return _mm256_and_si256(a, b);
}

static inline V v_or(V a, V b)
{
	return _mm256_or_si256(a, b);
}

static inline V v_sub(V a, V b)
{
	return _mm256_sub_epi8(a, b);
}

static inline V v_shuffle(V table, V index)
{
	return _mm256_shuffle_epi8(table, index);
}

static inline V v_shift4(V v)
{
	return _mm256_srli_epi16(v, 4);
}

static inline uint64_t v_bits(V v)
{
	return (uint32_t)_mm256_movemask_epi8(v);
}

static inline uint64_t v_equal(V a, V b)
{
	return v_bits(_mm256_cmpeq_epi8(a, b));
}

static inline V v_adds(V v, unsigned char c)
{
	return _mm256_adds_epu8(v, _mm256_set1_epi8((char)c));
}

static inline V v_double(V v)
{
	return _mm256_add_epi8(v, v);
}

#define LOWEST(bits) ((size_t)_tzcnt_u64(bits))

#include "prefilter_vector.inc"

void prefilter_avx2(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		    unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
