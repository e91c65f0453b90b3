/*
 * eight - the first bytes of a text in one word, to be compared at once.
 */
#ifndef SANITIZER_EIGHT_H
#define SANITIZER_EIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EIGHT(byte) ((byte)*0x0101010101010101u)

/* Eight bytes of a text, NUL where it has ended. */
static inline uint64_t eight_bytes(const unsigned char *s, size_t n)
{
	uint64_t bytes = 0;

	if (n >= 8)
		memcpy(&bytes, s, 8);
	else
		memcpy(&bytes, s, n);
	return bytes;
}

/* The bits of so many of them, eight at most. */
static inline uint64_t first_bytes(size_t n)
{
	return n >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * n) - 1;
}

/* Are n bytes the same? For a few of them, n > 0, without a call. */
static inline bool same_bytes(const unsigned char *a, const unsigned char *b, size_t n)
{
	uint32_t x, y, last_x, last_y;

	for (; n > 8; a += 8, b += 8, n -= 8)
		if (eight_bytes(a, 8) != eight_bytes(b, 8))
			return false;
	if (n == 8)
		return eight_bytes(a, 8) == eight_bytes(b, 8);
	if (n < 4)
		return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	memcpy(&last_x, a + n - 4, 4);
	memcpy(&last_y, b + n - 4, 4);
	return x == y && last_x == last_y;
}

/* A to Z in lower case. */
static inline uint64_t eight_lower(uint64_t bytes)
{
	uint64_t seven = bytes & EIGHT(0x7f), from_a = seven + EIGHT(0x80u - 'A'),
		 behind_z = seven + EIGHT(0x80u - 'Z' - 1);

	return bytes | (from_a & ~behind_z & ~bytes & EIGHT(0x80)) >> 2;
}

#endif
