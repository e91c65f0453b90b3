/*
 * prefilter_kernel - the prefilter over bitmaps, for the code path that includes it.
 *
 * The including file gives `struct bitmaps` a filler, classify(): 64 bytes to one
 * bit per byte and class. Bitmaps of a block and the next are joined to 128 bits, so
 * that every look ahead is one shift; nothing looks further ahead than 36 bytes.
 */
#ifndef SANITIZER_PREFILTER_KERNEL_H
#define SANITIZER_PREFILTER_KERNEL_H

#include "chars.h"
#include "prefilter.h"

#include <string.h>

struct bitmaps {
	uint64_t digit, hex, alnum; /* hex: digits and a-f, A-F */
	uint64_t dash, dot, colon, plus, zero, at, percent, escape;
	uint64_t equals, blank, open, quote, less, more; /* open: '(' */
	uint64_t literal;				 /* Teddy */
};

typedef unsigned __int128 wide;

static inline wide join(uint64_t here, uint64_t next)
{
	return (wide)next << 64 | here;
}

/* Addresses of machines: three dots between digits; double or four chained colons. */
static inline void find_addresses(const struct bitmaps *b, const struct bitmaps *n, uint64_t digit_before,
				  struct prefilter_block *out)
{
	wide digit = join(b->digit, n->digit), dot = join(b->dot, n->dot);
	wide colon = join(b->colon, n->colon);
	wide inner = dot & digit >> 1 & (digit << 1 | digit_before);
	wide two = inner & (inner >> 2 | inner >> 3 | inner >> 4);
	wide chain = colon >> 2 | colon >> 3 | colon >> 4 | colon >> 5;

	out->kind[PREFILTER_IP4] = (uint64_t)(inner & (two >> 2 | two >> 3 | two >> 4));
	chain = colon & chain;
	chain = colon & (chain >> 2 | chain >> 3 | chain >> 4 | chain >> 5);
	out->kind[PREFILTER_IP6] = (uint64_t)(colon & colon >> 1);
	if ((uint64_t)chain)
		out->kind[PREFILTER_IP6] |=
			(uint64_t)(colon & (chain >> 2 | chain >> 3 | chain >> 4 | chain >> 5));
}

/* Runs and groups of digits: cards and North American numbers. begin: no word byte before. */
static inline void find_numbers(const struct bitmaps *b, const struct bitmaps *n, uint64_t begin,
				struct prefilter_block *out)
{
	wide digit = join(b->digit, n->digit), other = ~digit;
	wide run2 = digit & digit >> 1, run3 = run2 & digit >> 2, run4 = run2 & run2 >> 2;
	wide four = run4 & other >> 4, three = run3 & other >> 3;
	wide tail = run3 & other >> 3 & run4 >> 4; /* ddd.dddd */
	uint64_t cards = 0;

	if ((uint64_t)run4 & begin) {
		wide run8 = run4 & run4 >> 4, run13 = run8 & run8 >> 5;
		wide second = digit >> 9 & digit >> 10 & digit >> 12; /* dddd dddddd d */
		cards = (uint64_t)(run13 | (four & run4 >> 5 & ((other >> 9 & run4 >> 10) | second)));
	}
	out->kind[PREFILTER_CARD] = cards & begin;
	out->kind[PREFILTER_NANP] = (uint64_t)(three & (tail >> 4 | (other >> 4 & tail >> 5))) & begin;
	wide zero = join(b->zero, n->zero);
	wide first = digit & ~zero;
	out->kind[PREFILTER_PHONE] =
		(b->plus & (uint64_t)(first >> 1)) |
		((uint64_t)(zero & zero >> 1 & first >> 2) & begin & ~(b->plus << 1));
}

/*
 * `=`, `:` but not between digits; `->`; `("`, `<name`, `--name`; a number behind a
 * word.
 */
static inline uint64_t find_names(const struct bitmaps *b, const struct bitmaps *n, uint64_t digit_before,
				  uint64_t word_before)
{
	wide digit = join(b->digit, n->digit), letter = join(b->alnum, n->alnum) & ~digit;
	wide dash = join(b->dash, n->dash), open = join(b->open, n->open);
	wide blank = join(b->blank, n->blank);
	uint64_t digits_around = (uint64_t)(digit >> 1) & (b->digit << 1 | digit_before);
	uint64_t word = ((b->alnum & ~b->digit) | b->dot) << 1 | word_before;

	return b->equals | (b->colon & ~digits_around) |
	       (b->dash & (uint64_t)(join(b->more, n->more) >> 1)) |
	       (b->open & (uint64_t)(join(b->quote, n->quote) >> 1)) |
	       (b->less & (uint64_t)(letter >> 1)) | (uint64_t)(dash & dash >> 1 & ~(dash | blank) >> 2) |
	       (b->blank & word & (uint64_t)((digit | open) >> 1));
}

static inline uint64_t long_hex(uint64_t hex, unsigned lane)
{
	uint64_t run = hex & hex >> 1;

	run &= run >> 2;
	run &= run >> 4;
	if (lane == 8)
		return run & 0x0101010101010101u;
	run &= run >> 8;
	return run & 0x0001000100010001u;
}

/* Words that begin like a literal: a hashed look-up at each word's first byte. */
static inline uint64_t find_words(const struct prefilter *pf, const unsigned char *p, uint64_t begin)
{
	uint64_t hits = 0;

	for (; begin; begin &= begin - 1) {
		unsigned at = (unsigned)__builtin_ctzll(begin);
		uint32_t bytes;
		memcpy(&bytes, p + at, sizeof(bytes));
		uint32_t hash = prefilter_hash(bytes);
		hits |= (uint64_t)(pf->words[hash / 8] >> hash % 8 & 1) << at;
	}
	return hits;
}

static inline void find_all(const struct prefilter *pf, const unsigned char *p, const struct bitmaps *b,
			    const struct bitmaps *n, unsigned char before, struct prefilter_block *out)
{
	uint64_t begin = ~(b->alnum << 1 | is_alnum(before)), hex = begin & b->hex;
	uint64_t digit_before = is_digit(before);
	wide dash = join(b->dash, n->dash);

	out->kind[PREFILTER_AT] = b->at;
	out->kind[PREFILTER_ESCAPE] =
		b->escape | (b->percent & (uint64_t)(join(b->hex, n->hex) >> 1 & join(b->hex, n->hex) >> 2));
	out->kind[PREFILTER_LITERAL] = b->literal | find_words(pf, p, begin & b->alnum);
	out->kind[PREFILTER_UUID] = (uint64_t)(dash >> 8 & dash >> 13 & dash >> 18 & dash >> 23) & hex;
	find_addresses(b, n, digit_before, out);
	find_numbers(b, n, begin, out);
	out->kind[PREFILTER_HEX] = long_hex(b->hex, pf->hex_lane);
	out->kind[PREFILTER_START] = pf->starts ? begin & b->alnum : 0;
	out->kind[PREFILTER_NAME] =
		find_names(b, n, digit_before, is_alpha(before) || before == '.');
	out->any = 0;
	for (int k = 0; k < PREFILTER_KINDS; k++)
		out->any |= out->kind[k];
}

static inline void classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b);

static inline void prefilter_blocks(const struct prefilter *pf, const unsigned char *p, size_t blocks,
				    unsigned char before, struct prefilter_block *out)
{
	struct bitmaps here, next;

	if (!blocks)
		return;
	classify(pf, p, &here);
	for (size_t i = 0; i < blocks; i++, p += 64) {
		classify(pf, p + 64, &next);
		find_all(pf, p, &here, &next, before, &out[i]);
		before = p[63];
		here = next;
	}
}

#endif
