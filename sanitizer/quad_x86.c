/*
 * quad_x86 - every x86-64 has SSE2.
 */
#include "quad.h"

#include <emmintrin.h>

#include "quad.inc"

static inline unsigned equal(__m128i v, char c)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

/* Each byte one higher where the digit behind it is more than 5: then it carries. */
static inline __m128i carry(__m128i v, __m128i behind)
{
	return _mm_sub_epi8(v, _mm_cmpgt_epi8(behind, _mm_set1_epi8('5')));
}

static inline struct masks masks_of(const unsigned char *s)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	__m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	__m128i most = _mm_min_epu8(digit, _mm_set1_epi8(9));
	__m128i first = carry(v, carry(_mm_srli_si128(v, 1), _mm_srli_si128(v, 2)));

	return (struct masks){
	    .dots = equal(v, '.'),
	    .others = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(digit, most)) ^ 0xffff,
	    .zeros = equal(v, '0'),
	    .above = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(first, _mm_set1_epi8('2'))),
	};
}

size_t escape_find(const unsigned char *s, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		__m128i found = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('%')),
					     _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));

		found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
		unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(found, v));
		if (bits)
			return i + (size_t)__builtin_ctz(bits);
	}
	while (i < n && !may_escape(s[i]))
		i++;
	return i;
}
