/*
 * candidates - the prefilter's bits one after the other, in ascending order.
 */
#ifndef SANITIZER_CANDIDATES_H
#define SANITIZER_CANDIDATES_H

#include "prefilter.h"

#define TAIL_BLOCKS 4

struct candidates {
	prefilter_fn *run;
	const struct prefilter *prefilter;
	const unsigned char *s; /* the text, n bytes */
	size_t n;
	size_t readable;   /* n and what may be read behind it: zeros */
	size_t base, next; /* of the batch in hand, and of the one to come */
	size_t index;	   /* of the place in the batch that is next */
	struct prefilter_batch batch;
	unsigned char
	    tail[TAIL_BLOCKS * 64 + PREFILTER_SLACK]; /* the end of the text, zeros behind */
};

/* zeros: so many bytes behind the text are zero and may be read; 0 or CANDIDATES_PAD. */
void candidates_begin(struct candidates *c, prefilter_fn *run, const struct prefilter *prefilter,
		      const unsigned char *s, size_t n, size_t zeros);
#define CANDIDATES_PAD (64 + PREFILTER_SLACK)
/* Move to a batch that has any. false: the text is at its end. */
bool candidates_refill(struct candidates *c);

/* None before `to` is asked for: batches that lie before it are not made. */
static inline void candidates_skip(struct candidates *c, size_t to)
{
	if (to <= c->next)
		return;
	c->next = to;
	c->index = c->batch.n;
}

/* The next candidate's place and a bit per kind, perhaps none; false: there is no other. */
static inline bool candidates_next(struct candidates *c, size_t *at, unsigned *kinds)
{
	if (c->index == c->batch.n && !candidates_refill(c))
		return false;
	size_t place = c->batch.place[c->index++], block = place / 64, bit = place % 64;
	*at = c->base + place;
	*kinds = (unsigned)(c->batch.kind[PREFILTER_IP4][block] >> bit & 1) << PREFILTER_IP4;
	*kinds |= (unsigned)(c->batch.kind[PREFILTER_LITERAL][block] >> bit & 1)
		  << PREFILTER_LITERAL;
	if (c->batch.rare[block] >> bit & 1)
		*kinds |= prefilter_byte_kinds[c->s[*at]];
	if (!(c->batch.other[block] >> bit & 1))
		return true;
#pragma GCC unroll 16
	for (unsigned k = 0; k < PREFILTER_KINDS; k++)
		if (!(PREFILTER_BYTE_KINDS >> k & 1) && k != PREFILTER_LITERAL)
			*kinds |= (unsigned)(c->batch.kind[k][block] >> bit & 1) << k;
	return true;
}

#endif
