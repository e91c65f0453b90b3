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

/*
 * A text of 1 to 32 bytes in four words, which with its length say what it is: its ends, and
 * what is between. They overlap in all but the longest.
 */
static inline void eight_pack(uint64_t words[4], const unsigned char *s, size_t n)
{
	uint32_t first, last;

	words[1] = words[2] = words[3] = 0;
	if (n < 4) {
		words[0] = s[0] | (uint64_t)s[n / 2] << 8 | (uint64_t)s[n - 1] << 16;
	} else if (n < 8) {
		memcpy(&first, s, 4);
		memcpy(&last, s + n - 4, 4);
		words[0] = first | (uint64_t)last << 32;
	} else {
		words[0] = eight_bytes(s, 8);
		words[1] = eight_bytes(s + n - 8, 8);
	}
	if (n > 16) {
		words[2] = eight_bytes(s + 8, 8);
		words[3] = eight_bytes(s + n - 16, 8);
	}
}

/* A to Z in lower case. */
static inline uint64_t eight_lower(uint64_t bytes)
{
	uint64_t seven = bytes & EIGHT(0x7f), from_a = seven + EIGHT(0x80u - 'A'),
		 behind_z = seven + EIGHT(0x80u - 'Z' - 1);

	return bytes | (from_a & ~behind_z & ~bytes & EIGHT(0x80)) >> 2;
}

#endif
