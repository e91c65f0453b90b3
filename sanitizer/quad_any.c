/*
 * quad_any - eight bytes at a time in an integer.
 */
#include "quad.h"

#include <stdint.h>
#include <string.h>

#include "quad.inc"

#define EACH 0x0101010101010101u

/* One bit for each of eight bytes whose highest bit is set in x. */
static unsigned gather(uint64_t x)
{
	return (unsigned)((x >> 7 & EACH) * 0x0102040810204080u >> 56);
}

/* Highest bits: the byte is no digit; the byte is c. Exact for all bytes. */
static uint64_t no_digits(uint64_t x)
{
	uint64_t y = x ^ '0' * EACH;

	return ((y & 0x7f * EACH) + 0x76 * EACH) | y;
}

static uint64_t equal(uint64_t x, unsigned char c)
{
	uint64_t y = x ^ c * EACH;

	return ~(((y & 0x7f * EACH) + 0x7f * EACH) | y);
}

static uint64_t escapes(uint64_t x)
{
	return equal(x, '%') | equal(x, '&') | equal(x, '\\') | x;
}

/* The byte is greater than c: exact for digits. */
static uint64_t over(uint64_t x, unsigned char c)
{
	return (x & 0x7f * EACH) + (0x7fu - c) * EACH;
}

static inline struct masks masks_of(const unsigned char *s)
{
	unsigned twos = 0, fives = 0, over_2 = 0, over_5 = 0;
	uint64_t x[2];
	struct masks m = {0};

	memcpy(x, s, sizeof(x));
	for (unsigned i = 0; i < 2; i++) {
		m.dots |= gather(equal(x[i], '.')) << 8 * i;
		m.others |= gather(no_digits(x[i])) << 8 * i;
		m.zeros |= gather(equal(x[i], '0')) << 8 * i;
		twos |= gather(equal(x[i], '2')) << 8 * i;
		fives |= gather(equal(x[i], '5')) << 8 * i;
		over_2 |= gather(over(x[i], '2')) << 8 * i;
		over_5 |= gather(over(x[i], '5')) << 8 * i;
	}
	m.above = over_2 | (twos & (over_5 | (fives & over_5 >> 1)) >> 1);
	return m;
}

size_t escape_find(const unsigned char *s, size_t n)
{
	size_t i = 0;

	for (uint64_t v; i + 8 <= n; i += 8) {
		memcpy(&v, s + i, 8);
		unsigned found = gather(escapes(v));
		if (found)
			return i + (size_t)__builtin_ctz(found);
	}
	while (i < n && !may_escape(s[i]))
		i++;
	return i;
}
