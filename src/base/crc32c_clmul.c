/*
 * crc32c_clmul - three streams at once: the CRC32 instruction takes 3 cycles but can
 * start one every cycle. Compiled with -msse4.2 -mpclmul: see crc32c_pick().
 *
 * The state behind A, B and C of n words each is the sum of A's state moved by 2n words,
 * B's by n, and C's. Moving a state by i words multiplies it by x^64i; the carry-less
 * product with x^(64i-33) needs the instruction once more to be reduced, which gives the
 * missing x^33 (reflected products lack one x, the instruction multiplies by x^32).
 */
#include <nmmintrin.h>
#include <string.h>
#include <wmmintrin.h>

#include "crc32c_impl.h"

#define WORDS_MAX 64		       /* of a stream */
#define STREAMS_BYTES_MIN ((size_t)96) /* below it joining the streams costs more than it gives */

/* moves[i]: x^(64i-33) mod P, reflected; each follows from the one before by 8 zero bytes. */
static const uint32_t moves[2 * WORDS_MAX + 1] = {
    0x00000000, 0x00000001, 0x493c7d27, 0xf20c0dfe, 0xba4fc28e, 0x3da6d0cb, 0xddc0152b, 0x1c291d04,
    0x9e4addf8, 0x740eef02, 0x39d3b296, 0x083a6eec, 0x0715ce53, 0xc49f4f67, 0x47db8317, 0x2ad91c30,
    0x0d3b6092, 0x6992cea2, 0xc96cfdc0, 0x7e908048, 0x878a92a7, 0x1b3d8f29, 0xdaece73e, 0xf1d0f55e,
    0xab7aff2a, 0xa87ab8a8, 0x2162d385, 0x8462d800, 0x83348832, 0x71d111a8, 0x299847d5, 0xffd852c6,
    0xb9e02b86, 0xdcb17aa4, 0x18b33a4e, 0xf37c5aee, 0xb6dd949b, 0x6051d5a2, 0x78d9ccb7, 0x18b0d4ff,
    0xbac2fd7b, 0x21f3d99c, 0xa60ce07b, 0x8f158014, 0xce7f39f4, 0xa00457f7, 0x61d82e56, 0x8d6d2c43,
    0xd270f1a2, 0x00ac29cf, 0xc619809d, 0xe9adf796, 0x2b3cac5d, 0x96638b34, 0x65863b64, 0xe0e9f351,
    0x1b03397f, 0x9af01f2d, 0xebb883bd, 0x2cff42cf, 0xb3e32c28, 0x88f25a3a, 0x064f7f26, 0x4e36f0b0,
    0xdd7e3b0c, 0xbd6f81f8, 0xf285651c, 0x91c9bd4b, 0x10746f3c, 0x885f087b, 0xc7a68855, 0x4c144932,
    0x271d9844, 0x52148f02, 0x8e766a0c, 0xa3c6f37a, 0x93a5f730, 0xd7c0557f, 0x6cb08e5c, 0x63ded06a,
    0x6b749fb2, 0x4d56973c, 0x1393e203, 0x9669c9df, 0xcec3662e, 0xe417f38a, 0x96c515bb, 0x4b9e0f71,
    0xe6fc4e6a, 0xd104b8fc, 0x8227bb8a, 0x5b397730, 0xb0cd4768, 0xe78eb416, 0x39c7ff35, 0x61ff0e01,
    0xd7a4825c, 0x8d96551c, 0x0ab3844b, 0x0bf80dd2, 0x0167d312, 0x8821abed, 0xf6076544, 0x6a45d2b2,
    0x26f6a60a, 0xd8d26619, 0xa741c1bf, 0xde87806c, 0x98d8d9cb, 0x14338754, 0x49c3cc9c, 0x5bd2011f,
    0x68bce87a, 0xdd07448e, 0x57a3d037, 0xdde8f5b9, 0x6956fc3b, 0xa3e3e02c, 0x42d98888, 0xd73c7bea,
    0x3771e98f, 0x80ff0093, 0xb42ae3d9, 0x8fe4c34d, 0x2178513a, 0xdf99fc11, 0xe0ac139e, 0x6c23e841,
    0x170076fa,
};

static uint64_t word_at(const unsigned char *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

static __m128i move(uint64_t state, size_t words)
{
	return _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)state),
				    _mm_cvtsi32_si128((int)moves[words]), 0);
}

static uint32_t three_streams(uint32_t state, const unsigned char *data, size_t words)
{
	const unsigned char *second = data + 8 * words, *third = second + 8 * words;
	uint64_t a = state, b = 0, c = 0;

	for (size_t i = 0; i < 8 * words; i += 8) {
		a = _mm_crc32_u64(a, word_at(data + i));
		b = _mm_crc32_u64(b, word_at(second + i));
		c = _mm_crc32_u64(c, word_at(third + i));
	}
	a = (uint64_t)_mm_cvtsi128_si64(_mm_xor_si128(move(a, 2 * words), move(b, words)));
	return (uint32_t)(_mm_crc32_u64(0, a) ^ c);
}

uint32_t crc32c_clmul(uint32_t state, const unsigned char *data, size_t len)
{
	while (len >= STREAMS_BYTES_MIN) {
		size_t words = len / 24 < WORDS_MAX ? len / 24 : WORDS_MAX;

		state = three_streams(state, data, words);
		data += 24 * words;
		len -= 24 * words;
	}
	return crc32c_sse42(state, data, len);
}
