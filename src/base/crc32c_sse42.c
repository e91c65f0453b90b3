/*
 * crc32c_sse42 - by the CRC32 instruction, eight bytes a step. Compiled with
 * -msse4.2: nothing here may be called before crc32c_pick() has looked.
 */
#include <nmmintrin.h>
#include <string.h>

#include "crc32c_impl.h"

uint32_t crc32c_sse42(uint32_t state, const unsigned char *data, size_t len)
{
	uint64_t wide = state;

	for (; len >= 8; data += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, data, 8);
		wide = _mm_crc32_u64(wide, word);
	}
	state = (uint32_t)wide;
	for (; len; data++, len--)
		state = _mm_crc32_u8(state, *data);
	return state;
}
