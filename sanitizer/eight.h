/*
 * eight - the first bytes of a text in one word, to be compared at once.
 */
#ifndef SANITIZER_EIGHT_H
#define SANITIZER_EIGHT_H

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

/* A to Z in lower case. */
static inline uint64_t eight_lower(uint64_t bytes)
{
	uint64_t seven = bytes & EIGHT(0x7f), from_a = seven + EIGHT(0x80u - 'A'),
		 behind_z = seven + EIGHT(0x80u - 'Z' - 1);

	return bytes | (from_a & ~behind_z & ~bytes & EIGHT(0x80)) >> 2;
}

#endif
