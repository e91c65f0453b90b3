/*
 * prefilter_kernel - the prefilter's logic, for the code path that includes it.
 *
 * The including file gives GROUP, the 64-bit words of its widest vector, and
 * classify(): 64 bytes to one bit per byte and class. The bitmaps of a batch stand
 * in rows, and a group of blocks at a time goes through shifts and ANDs. A look
 * ahead joins a row with itself one block later; nothing looks further than 36
 * bytes, so that one block behind the batch suffices.
 */
#ifndef SANITIZER_PREFILTER_KERNEL_H
#define SANITIZER_PREFILTER_KERNEL_H

#include "chars.h"
#include "prefilter.h"

#include <string.h>

enum bitmap {
	DIGIT,
	HEX,
	ALNUM,
	DASH,
	DOT,
	COLON,
	PLUS,
	ZERO,
	AT,
	PERCENT,
	ESCAPE, /* backslash, ampersand, first bytes of what is folded */
	UNDERSCORE,
	EQUALS,
	BLANK,
	OPEN, /* ( */
	QUOTE,
	SLASH,
	LESS,
	MORE,
	LITERAL, /* Teddy */
	TOKEN,	 /* what literals are made of */
	BITMAPS
};

#define ROW (PREFILTER_BATCH + 2 + GROUP)

typedef uint64_t lanes __attribute__((vector_size(GROUP * 8)));

/* A row has the block before the batch at index 0, and zeros behind the block after it. */
struct bitmaps {
	uint64_t row[BITMAPS][ROW];
};

static inline lanes load(const uint64_t *row)
{
	lanes v;

	memcpy(&v, row, sizeof(v));
	return v;
}

static inline void store(uint64_t *row, lanes v)
{
	memcpy(row, &v, sizeof(v));
}

/* The bits k bytes further on, and one byte before. */
static inline lanes ahead(const uint64_t *row, unsigned k)
{
	return load(row) >> k | load(row + 1) << (64 - k);
}

static inline lanes behind(const uint64_t *row)
{
	return load(row) << 1 | load(row - 1) >> 63;
}

static inline lanes run(const uint64_t *row, unsigned from, unsigned to)
{
	lanes v = from ? ahead(row, from) : load(row);

	for (unsigned k = from + 1; k <= to; k++)
		v &= ahead(row, k);
	return v;
}

/* Any of the bits 2 to `most` bytes further on: groups of digits between separators. */
static inline lanes soon(const uint64_t *row, unsigned most)
{
	lanes v = ahead(row, 2);

	for (unsigned k = 3; k <= most; k++)
		v |= ahead(row, k);
	return v;
}

/* Addresses of machines: three dots between digits; a double colon or four in a chain. */
static inline void find_addresses(struct bitmaps *b, size_t groups, struct prefilter_batch *out)
{
	uint64_t dots[3][ROW] = {{0}}, chain[3][ROW] = {{0}};

	for (size_t g = 1; g < 1 + groups * GROUP; g += GROUP) {
		const uint64_t *dot = &b->row[DOT][g], *digit = &b->row[DIGIT][g];
		store(&dots[0][g], load(dot) & behind(digit) & ahead(digit, 1));
		store(&chain[0][g], load(&b->row[COLON][g]) & soon(&b->row[COLON][g], 5));
	}
	for (size_t g = 1; g < 1 + groups * GROUP; g += GROUP) {
		store(&dots[1][g], load(&dots[0][g]) & soon(&dots[0][g], 4));
		store(&chain[1][g], load(&b->row[COLON][g]) & soon(&chain[0][g], 5));
	}
	for (size_t g = 1; g < 1 + groups * GROUP; g += GROUP) {
		const uint64_t *colon = &b->row[COLON][g];
		store(&out->kind[PREFILTER_IP4][g - 1], load(&dots[0][g]) & soon(&dots[1][g], 4));
		store(&out->kind[PREFILTER_IP6][g - 1],
		      load(colon) & (ahead(colon, 1) | soon(&chain[1][g], 5)));
	}
}

/* Runs and groups of digits: cards, North American and international numbers. */
static inline void find_numbers(const struct bitmaps *b, size_t g, lanes begin,
				struct prefilter_batch *out)
{
	const uint64_t *digit = &b->row[DIGIT][g], *zero = &b->row[ZERO][g];
	lanes three = run(digit, 0, 2) & begin, four = three & ahead(digit, 3);
	lanes gap3 = ~ahead(digit, 3), gap4 = ~ahead(digit, 4);
	lanes long_run = four & run(digit, 4, 12);
	lanes fours = four & gap4 & run(digit, 5, 8) &
		      ((~ahead(digit, 9) & run(digit, 10, 13)) |
		       (run(digit, 9, 10) & ahead(digit, 12))); /* dddd dddddd d */
	lanes nanp = three & gap3 &
		     ((run(digit, 4, 6) & ~ahead(digit, 7) & run(digit, 8, 11)) |
		      (gap4 & run(digit, 5, 7) & ~ahead(digit, 8) & run(digit, 9, 12)));
	lanes double_zero = run(zero, 0, 1) & begin & ~behind(&b->row[PLUS][g]);

	store(&out->kind[PREFILTER_CARD][g - 1], long_run | fours);
	store(&out->kind[PREFILTER_NANP][g - 1], nanp);
	store(&out->kind[PREFILTER_PHONE][g - 1],
	      (load(&b->row[PLUS][g]) & ahead(digit, 1) & ~ahead(zero, 1)) |
		  (double_zero & ahead(digit, 2) & ~ahead(zero, 2)));
}

/*
 * `=`, `:` but not between digits or before `//`; `->`; `("`, `<name`, `--name`; a number behind a
 * word.
 */
static inline lanes find_names(const struct bitmaps *b, size_t g)
{
	const uint64_t *digit = &b->row[DIGIT][g], *dash = &b->row[DASH][g],
		       *blank = &b->row[BLANK][g];
	const uint64_t *alnum = &b->row[ALNUM][g], *open = &b->row[OPEN][g];
	lanes word_before = (behind(alnum) & ~behind(digit)) | behind(&b->row[DOT][g]);

	lanes colon = load(&b->row[COLON][g]) & ~(ahead(digit, 1) & behind(digit)) &
		      ~run(&b->row[SLASH][g], 1, 2);

	return load(&b->row[EQUALS][g]) | colon | (load(dash) & ahead(&b->row[MORE][g], 1)) |
	       (load(open) & ahead(&b->row[QUOTE][g], 1)) |
	       (load(&b->row[LESS][g]) & (ahead(alnum, 1) | ahead(&b->row[UNDERSCORE][g], 1))) |
	       (load(dash) & ahead(dash, 1) & ~ahead(dash, 2) & ~ahead(blank, 2)) |
	       (load(blank) & word_before & (ahead(digit, 1) | ahead(open, 1)));
}

/* Aligned lanes of hex digits only: every run of twice that length fills one. */
static inline lanes long_hex(lanes hex, unsigned lane)
{
	lanes r = hex & hex >> 1;

	r &= r >> 2;
	r &= r >> 4;
	return lane == 8 ? r & 0x0101010101010101u : r & r >> 8 & 0x0001000100010001u;
}

/*
 * Words that begin like a literal: a hashed look-up at each word's first byte. Every
 * literal goes on for eight letters, digits, '-', '_' or '.', but few words do.
 */
static inline uint64_t find_words(const struct prefilter *pf, const unsigned char *p,
				  uint64_t begin)
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

static inline void find_group(const struct prefilter *pf, const struct bitmaps *b, size_t g,
			      struct prefilter_batch *out)
{
	const uint64_t *dash = &b->row[DASH][g], *hex = &b->row[HEX][g];
	lanes begin = ~behind(&b->row[ALNUM][g]), first = begin & load(&b->row[ALNUM][g]);
	size_t o = g - 1;

	store(&out->kind[PREFILTER_AT][o], load(&b->row[AT][g]));
	store(&out->kind[PREFILTER_ESCAPE][o],
	      load(&b->row[ESCAPE][g]) | (load(&b->row[PERCENT][g]) & run(hex, 1, 2)));
	store(&out->kind[PREFILTER_LITERAL][o], first & run(&b->row[TOKEN][g], 0, WORD_RUN - 1));
	store(&out->kind[PREFILTER_UUID][o], ahead(dash, 8) & ahead(dash, 13) & ahead(dash, 18) &
						 ahead(dash, 23) & begin & load(hex));
	find_numbers(b, g, begin, out);
	store(&out->kind[PREFILTER_HEX][o], long_hex(load(hex), pf->hex_lane));
	store(&out->kind[PREFILTER_START][o], pf->starts ? first : first ^ first);
	store(&out->kind[PREFILTER_NAME][o], find_names(b, g));
}

static inline void classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b,
			    size_t i);

static void classify_all(const struct prefilter *pf, const unsigned char *p, size_t blocks,
			 unsigned char before, struct bitmaps *b)
{
	size_t last = (blocks + GROUP) / GROUP * GROUP + 1;

	for (int k = 0; k < BITMAPS; k++) {
		b->row[k][0] = 0;
		for (size_t i = 2 + blocks; i <= last; i++)
			b->row[k][i] = 0;
	}
	b->row[DIGIT][0] = (uint64_t)is_digit(before) << 63;
	b->row[ALNUM][0] = (uint64_t)is_alnum(before) << 63;
	b->row[PLUS][0] = (uint64_t)(before == '+') << 63;
	b->row[DOT][0] = (uint64_t)(before == '.') << 63;
	for (size_t i = 0; i <= blocks; i++)
		classify(pf, p + i * 64, b, i + 1);
}

static inline void prefilter_run(const struct prefilter *pf, const unsigned char *p, size_t blocks,
				 unsigned char before, struct prefilter_batch *out)
{
	struct bitmaps b;
	size_t groups = (blocks + GROUP) / GROUP; /* with the block behind */

	classify_all(pf, p, blocks, before, &b);
	for (size_t g = 0; g < groups; g++)
		find_group(pf, &b, 1 + g * GROUP, out);
	find_addresses(&b, groups, out);
	for (size_t i = 0; i < blocks; i++) {
		uint64_t *words = &out->kind[PREFILTER_LITERAL][i];
		*words = b.row[LITERAL][i + 1] | find_words(pf, p + i * 64, *words);
	}
	for (size_t g = 0; g < groups * GROUP; g += GROUP) {
		lanes any = load(&out->kind[0][g]);
		for (int k = 1; k < PREFILTER_KINDS; k++)
			any |= load(&out->kind[k][g]);
		store(&out->any[g], any);
	}
}

#endif
