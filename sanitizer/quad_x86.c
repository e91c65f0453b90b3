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

/* Of bytes above 0x7f, which are no digits, it does not matter. */
static inline unsigned over(__m128i v, char c)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_set1_epi8(c)));
}

static inline struct masks masks_of(const unsigned char *s)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	__m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	__m128i most = _mm_min_epu8(digit, _mm_set1_epi8(9));

	return (struct masks){
	    .dots = equal(v, '.'),
	    .others = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(digit, most)) ^ 0xffff,
	    .zeros = equal(v, '0'),
	    .twos = equal(v, '2'),
	    .fives = equal(v, '5'),
	    .over_2 = over(v, '2'),
	    .over_5 = over(v, '5'),
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
