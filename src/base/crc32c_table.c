/*
 * crc32c_table - one byte a step, for machines without an instruction for it.
 *
 * The CRC is linear: the entry for a byte is the sum of the entries for its bits, so
 * the compiler makes the table from eight numbers (polynomial 0x82f63b78, reflected).
 */
#include "crc32c_impl.h"

#define BIT(i, b, entry) ((i) & (1u << (b)) ? (entry) : 0u)
#define E1(i)                                                                                      \
	(BIT(i, 0, 0xf26b8303u) ^ BIT(i, 1, 0xe13b70f7u) ^ BIT(i, 2, 0xc79a971fu) ^                \
	 BIT(i, 3, 0x8ad958cfu) ^ BIT(i, 4, 0x105ec76fu) ^ BIT(i, 5, 0x20bd8edeu) ^                \
	 BIT(i, 6, 0x417b1dbcu) ^ BIT(i, 7, 0x82f63b78u))
#define E4(i) E1(i), E1((i) + 1), E1((i) + 2), E1((i) + 3)
#define E16(i) E4(i), E4((i) + 4), E4((i) + 8), E4((i) + 12)
#define E64(i) E16(i), E16((i) + 16), E16((i) + 32), E16((i) + 48)

static const uint32_t entries[256] = {E64(0u), E64(64u), E64(128u), E64(192u)};

uint32_t crc32c_table(uint32_t state, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		state = state >> 8 ^ entries[(state ^ data[i]) & 0xff];
	return state;
}
