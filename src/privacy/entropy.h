/*
 * entropy - the randomness behind noise: exact, unpredictable, never the same twice.
 *
 * ChaCha20 under a key that the kernel gives anew for every page, used once and
 * forgotten. The memory is wiped in a forked child, so no two processes draw the same.
 * There is no seed. Failure is sticky: draws then return 0 and entropy_ok() is false,
 * and a release made of them must not be published.
 */
#ifndef TAMIS_PRIVACY_ENTROPY_H
#define TAMIS_PRIVACY_ENTROPY_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

#define ENTROPY_BYTES 4080

struct entropy {
	uint32_t left; /* bytes not yet drawn; 0 after a fork */
	bool failed;
	unsigned char bytes[ENTROPY_BYTES];
};

/* One per thread. ST_IO: no memory that a fork wipes, or no randomness from the kernel. */
MUST_CHECK enum status entropy_open(struct entropy **out);
void entropy_close(struct entropy *entropy);

/* Fill the page anew; where that fails, mark it failed and fill it with zeros. */
void entropy_refill(struct entropy *entropy);

static inline bool entropy_ok(const struct entropy *entropy)
{
	return !entropy->failed;
}

static inline uint32_t entropy_u32(struct entropy *entropy)
{
	uint32_t value;

	if (entropy->left < sizeof(value))
		entropy_refill(entropy);
	entropy->left -= (uint32_t)sizeof(value);
	__builtin_memcpy(&value, entropy->bytes + entropy->left, sizeof(value));
	__builtin_memset(entropy->bytes + entropy->left, 0, sizeof(value));
	return value;
}

static inline uint64_t entropy_u64(struct entropy *entropy)
{
	uint64_t high = entropy_u32(entropy);

	return high << 32 | entropy_u32(entropy);
}

/*
 * Uniform in [0, n), n > 0, exactly: the high half of a product, redrawn where its low
 * half falls into the part of the range that would come out once too often (Lemire 2019).
 */
static inline uint64_t entropy_below(struct entropy *entropy, uint64_t n)
{
	if (n == 1)
		return 0;
	if (n <= UINT32_MAX) {
		uint32_t bound = (uint32_t)n;
		uint64_t m = (uint64_t)entropy_u32(entropy) * bound;
		if ((uint32_t)m < bound)
			for (uint32_t rest = -bound % bound;
			     (uint32_t)m < rest && !entropy->failed;)
				m = (uint64_t)entropy_u32(entropy) * bound;
		return m >> 32;
	}
	unsigned __int128 m = (unsigned __int128)entropy_u64(entropy) * n;
	if ((uint64_t)m < n)
		for (uint64_t rest = -n % n; (uint64_t)m < rest && !entropy->failed;)
			m = (unsigned __int128)entropy_u64(entropy) * n;
	return (uint64_t)(m >> 64);
}

#endif
