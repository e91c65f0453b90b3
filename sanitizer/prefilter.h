/*
 * prefilter - where in a text a candidate of any detector may stand.
 *
 * Reads blocks of 64 bytes and answers with one bit per byte and kind; every bit
 * is looked at again by exact code, so a bit too much costs time, a missing bit
 * would be a leak. All code paths give the same bits but for literals, where they
 * differ until engine_plausible() has looked (tests compare what comes out).
 * Three parts: bitmaps of character classes, from which shifts and ANDs tell runs
 * and groups of digits and the places of separators behind names; a hashed bit
 * table of the first three bytes of words for the literals that begin words; a
 * table of four-byte windows (Teddy, eight buckets) for the few that stand anywhere.
 */
#ifndef SANITIZER_PREFILTER_H
#define SANITIZER_PREFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum prefilter_kind {
	PREFILTER_AT,	   /* '@' */
	PREFILTER_ESCAPE,  /* something that may be decoded */
	PREFILTER_LITERAL, /* the first byte of an anchor */
	PREFILTER_UUID,
	PREFILTER_CARD,
	PREFILTER_IP4,	 /* the first of three dots */
	PREFILTER_IP6,	 /* inside: a double colon, or the first of four */
	PREFILTER_PHONE, /* '+' or "00" */
	PREFILTER_NANP,	 /* the area code's first digit */
	PREFILTER_START, /* any word's start, for the optional classes */
	PREFILTER_HEX,	 /* inside a long run */
	PREFILTER_NAME,	 /* what may separate a name from its value, or lead to one */
	PREFILTER_KINDS
};

#define PREFILTER_BATCH 15 /* blocks; with the one behind them two groups of eight */

/* Only the first `blocks` entries that were asked for mean anything. */
struct prefilter_batch {
	unsigned some; /* a bit per block: it has any */
	uint64_t any[16];
	uint64_t ip4_only[16]; /* the most frequent by far */
	uint64_t kind[PREFILTER_KINDS][16];
};

#define WORD_BITS 16
#define WORD_RUN 11 /* bytes of [A-Za-z0-9_.-] with which every literal of a word begins */

struct prefilter {
	/* Teddy: buckets by nibble and position, for literals anywhere and for words. */
	unsigned char low[4][16], high[4][16], word_low[4][16], word_high[4][16];
	unsigned char six[4][64], word_six[4][64]; /* the same by a byte's lower six bits */
	unsigned shares[4][8]; /* of a text that pass a bucket's position, in thousandths */
	uint64_t kinds[PREFILTER_KINDS]; /* all ones where the kind is wanted */
	unsigned char hex_lane;		 /* aligned bytes that a long run fills: 8 or 16 */
	bool starts;
	unsigned char words[(1u << WORD_BITS) / 8];
	unsigned char shorts[256];	       /* literals of one byte, inside tokens */
	unsigned char tails[32 * 32 * 32 / 8]; /* three letters, five bits each, end a name */
};

/*
 * Look at `blocks` blocks of the text at p, at most PREFILTER_BATCH; `before` is the
 * byte before it, 0 if none. Reads 68 bytes behind the last block.
 */
typedef void prefilter_fn(const struct prefilter *prefilter, const unsigned char *p, size_t blocks,
			  unsigned char before, struct prefilter_batch *out);
#define PREFILTER_SLACK 68

prefilter_fn prefilter_scalar, prefilter_sse, prefilter_avx2, prefilter_avx512, prefilter_vbmi;

/* The fastest for this machine, chosen once, or what SANITIZER_ISA names; *name says which. */
prefilter_fn *prefilter_choose(const char **name);

static inline uint32_t prefilter_hash(uint32_t three_bytes)
{
	return (three_bytes & 0xffffff) * 0x9e3779b1u >> (32 - WORD_BITS);
}

#endif
