/*
 * marks - is a byte one of a few?
 */
#ifndef SANITIZER_MARKS_H
#define SANITIZER_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of a few of ASCII: with a constant text that is a bit of a constant. */
__attribute__((always_inline)) static inline bool is_one_of(unsigned char c, const char *marks)
{
	uint64_t low = 0, high = 0;

#pragma GCC unroll 24
	for (size_t i = 0; i < __builtin_strlen(marks); i++) {
		uint64_t bit = (uint64_t)1 << marks[i] % 64;
		low |= marks[i] < 64 ? bit : 0;
		high |= marks[i] < 64 ? 0 : bit;
	}
	return c < 128 && (c < 64 ? low : high) >> c % 64 & 1;
}

#endif
