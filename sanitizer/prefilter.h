/*
 * prefilter - where in a text a candidate of any detector may stand.
 *
 * Reads blocks of 64 bytes and answers with one bit per byte and kind; every bit is
 * looked at again by exact code, so a bit too much costs time, a missing bit would be a
 * leak. All code paths give the same bits but for literals, where they differ until
 * engine_plausible() has looked (tests compare what comes out). How: prefilter_kernel.inc.
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

#define PREFILTER_BATCH 63 /* blocks; with the one behind them eight groups of eight */

#define PLACES_SLACK 64 /* more may be written than there are */

/* Of the blocks that were asked for. Kinds that a rare byte tells have no bitmap of their own. */
struct prefilter_batch {
	size_t n; /* places with any bit, ascending, but separators that no name ends before */
	uint16_t place[PREFILTER_BATCH * 64 + PLACES_SLACK];
	uint64_t rare[PREFILTER_BATCH + 1];
	uint64_t other[PREFILTER_BATCH + 1]; /* kinds with bitmaps but addresses, literals: few */
	uint64_t kind[PREFILTER_KINDS][PREFILTER_BATCH + 1];
};

/* A bit per kind that a rare byte may begin, or lead to. */
extern const uint16_t prefilter_byte_kinds[256];
#define PREFILTER_BYTE_KINDS                                                                       \
	(1u << PREFILTER_AT | 1u << PREFILTER_ESCAPE | 1u << PREFILTER_PHONE | 1u << PREFILTER_NAME)

/* Of hashes; literals of two bytes are told with all that may follow. */
enum { FOURS_BITS = 13, TAILS_BITS = 14, THREES_BITS = 16 };
#define WORD_RUN 18 /* bytes of [A-Za-z0-9_.-] that tell a long word */
#define WINDOW_BYTES 4
#define WHOLE_BYTES 3 /* of the fourth the lower nibble suffices */
#define BUCKETS 8
#define WORD_BUCKET 5 /* from here on they are of words that need not be long */

struct prefilter {
	/* Teddy: buckets by position and nibble, and by a byte's lower six bits. */
	unsigned char low[WINDOW_BYTES][16], high[WHOLE_BYTES][16], six[WINDOW_BYTES][64];
	uint64_t addresses, starts; /* all ones where IP addresses, and words' starts, are wanted */
	unsigned char hex_lane;	    /* aligned bytes that a long run fills: 8 or 16 */
	uint32_t twos[2048]; /* first bytes of literals as bits: two; hashes of three and four */
	uint32_t threes[(1u << THREES_BITS) / 32], fours[(1u << FOURS_BITS) / 32];
	unsigned char shorts[256];
	uint32_t tails[(1u << TAILS_BITS) / 32]; /* hashes of the last three letters of names */
};

/*
 * Look at `blocks` blocks of the text at p, at most PREFILTER_BATCH; `before` is the
 * byte before it, 0 if none. Reads 68 bytes behind the last block.
 */
typedef void prefilter_fn(const struct prefilter *prefilter, const unsigned char *p, size_t blocks,
			  unsigned char before, struct prefilter_batch *out);
#define PREFILTER_SLACK 68

/* The fastest for this machine, chosen once, or what SANITIZER_ISA names; *name says which. */
prefilter_fn *prefilter_choose(const char **name);

#endif
