/*
 * chance - true with a stated probability, exactly: integers only, no logarithm,
 * no floating point (Canonne, Kamath, Steinke 2020, algorithms 1 and 2).
 */
#ifndef TAMIS_PRIVACY_CHANCE_H
#define TAMIS_PRIVACY_CHANCE_H

#include "entropy.h"

#define CHANCE_DEN_MAX ((uint64_t)1 << 44) /* of a fraction, so that 2^20 times it fits */

/* num/den, 0 <= num <= den, den > 0. */
static inline bool chance_of(struct entropy *entropy, uint64_t num, uint64_t den)
{
	return entropy_below(entropy, den) < num;
}

/*
 * exp(-num/den), 0 <= num <= den <= CHANCE_DEN_MAX. The series' length k has probability
 * below 1/k!, so the bound on it is out of reach; without it a broken source would hang.
 */
static inline bool chance_exp_part(struct entropy *entropy, uint64_t num, uint64_t den)
{
	uint64_t k = 1;

	while (chance_of(entropy, num, den * k) && k < 1 << 20)
		k++;
	return k & 1;
}

/* exp(-num/den) for any num. */
static inline bool chance_exp(struct entropy *entropy, uint64_t num, uint64_t den)
{
	for (; num > den; num -= den)
		if (!chance_exp_part(entropy, 1, 1))
			return false;
	return chance_exp_part(entropy, num, den);
}

typedef unsigned __int128 wide;

/* entropy_below() of a wide n: as many bits as it has, redrawn where they are too many. */
static inline wide entropy_below_wide(struct entropy *entropy, wide n)
{
	wide mask = n - 1, drawn;

	for (unsigned shift = 1; shift < 128; shift *= 2)
		mask |= mask >> shift;
	do {
		drawn = (wide)entropy_u64(entropy) << 64;
		drawn = (drawn | entropy_u64(entropy)) & mask;
	} while (drawn >= n && !entropy->failed);
	return drawn;
}

/* chance_exp() of wide numbers, den below 2^108. */
static inline bool chance_exp_wide(struct entropy *entropy, wide num, wide den)
{
	unsigned k = 1;

	for (; num > den; num -= den)
		if (!chance_exp_part(entropy, 1, 1))
			return false;
	while (entropy_below_wide(entropy, den * k) < num && k < 1 << 20)
		k++;
	return k & 1;
}

#endif
