/*
 * prefilter_look - what the prefilter's tables say of a few bytes of a text.
 */
#ifndef SANITIZER_PREFILTER_LOOK_H
#define SANITIZER_PREFILTER_LOOK_H

#include "chars.h"
#include "prefilter.h"

#define PREFILTER_HASH 0x9e3779b1u /* of the golden ratio */
#define LOWER_CASE 0x202020	   /* of three letters */

static inline uint32_t prefilter_hash(uint32_t bytes, unsigned bits)
{
	return bytes * PREFILTER_HASH >> (32 - bits);
}
/* Of three bytes in the order of memory, in either case. */
static inline uint32_t prefilter_tail(uint32_t bytes)
{
	return prefilter_hash((bytes & 0xffffff) | LOWER_CASE, TAILS_BITS);
}

/* Does a letter stand before p, where three bytes may be read, but none that a name may end with?
 */
static inline bool prefilter_ends_no_name(const struct prefilter *pf, const unsigned char *p)
{
	uint32_t before;

	__builtin_memcpy(&before, p - 3, sizeof(before));
	uint32_t tail = prefilter_tail(before);
	return is_alpha(p[-1]) & ~(pf->tails[tail / 32] >> tail % 32);
}

/* Do two bytes begin a literal? Most that do not are told by that. */
static inline bool prefilter_two(const struct prefilter *pf, const unsigned char *p)
{
	uint16_t two;

	__builtin_memcpy(&two, p, sizeof(two));
	return pf->twos[two / 32] >> two % 32 & 1;
}

/*
 * Do these bytes begin a literal? One of a single byte counts behind a token's only. A word's
 * within another comes through here by chance alone.
 */
static inline bool prefilter_is_literal(const struct prefilter *pf, const unsigned char *p,
					unsigned char before)
{
	uint32_t bytes, three, four;

	__builtin_memcpy(&bytes, p, sizeof(bytes));
	three = prefilter_hash(bytes & 0xffffff, THREES_BITS);
	four = prefilter_hash(bytes, FOURS_BITS);
	if ((pf->threes[three / 32] >> three % 32 | pf->fours[four / 32] >> four % 32) & 1)
		return true;
	return pf->shorts[*p] && (is_alnum(before) || before == '+' || before == '/' ||
				  before == '_' || before == '-');
}

#endif
