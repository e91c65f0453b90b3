/*
 * prefilter_build - what the prefilter's tables are made of.
 */
#ifndef SANITIZER_PREFILTER_BUILD_H
#define SANITIZER_PREFILTER_BUILD_H

#include "chars.h"
#include "prefilter.h"

#define LITERALS_MAX 256

/* The two ways to look up a byte: by its nibbles and by its lower six bits. */
enum way { NIBBLES, SIX, WAYS };

struct literal {
	unsigned char s[WINDOW_BYTES], n;
	bool word;
	unsigned char bucket;
};

struct prefilter_build {
	struct prefilter *prefilter;
	size_t n;
	struct literal literals[LITERALS_MAX]; /* of Teddy */
};

/*
 * A literal that stands at a word's beginning, and one that stands anywhere. goes_on: for
 * WORD_RUN bytes. One of a single byte is seen only behind a letter, a digit, '+', '/', '_'
 * or '-'. prefilter_built() makes the tables when all are told, the best of so many tries.
 */
void prefilter_word(struct prefilter_build *b, const unsigned char *s, size_t n, bool goes_on);
void prefilter_window(struct prefilter_build *b, const unsigned char *s, size_t n);
void prefilter_built(struct prefilter_build *b, int tries);
/* Each literal's bucket, for this way. */
void prefilter_place(struct prefilter_build *b, enum way way, int tries);

/* The names of values. To be told before any text is looked at. */
struct name_tails;
void prefilter_names(struct prefilter *prefilter, const struct name_tails *tails);

static inline uint32_t prefilter_hash(uint32_t bytes, unsigned bits)
{
	return bytes * 0x9e3779b1u >> (32 - bits);
}
/* Of three bytes in the order of memory, in either case. */
static inline uint32_t prefilter_tail(uint32_t bytes)
{
	return prefilter_hash((bytes & 0xffffff) | 0x202020, TAILS_BITS);
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
