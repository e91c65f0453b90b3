/*
 * candidates - batches of blocks.
 *
 * The prefilter reads a little behind its blocks, so the end of the text is copied
 * into a buffer of our own; nothing is ever read outside the text.
 */
#include "candidates.h"

#include <string.h>

void candidates_begin(struct candidates *c, prefilter_fn *run, const struct prefilter *prefilter,
		      const unsigned char *s, size_t n, size_t zeros)
{
	c->run = run;
	c->prefilter = prefilter;
	c->s = s;
	c->n = n;
	c->readable = n + zeros;
	c->base = c->next = 0;
	c->index = c->batch.n = 0;
}

static void batch_make(struct candidates *c)
{
	size_t left = c->n - c->next, whole = (left + 63) / 64;
	unsigned char before = c->next ? c->s[c->next - 1] : 0;

	c->base = c->next;
	if (c->readable - c->next >= whole * 64 + PREFILTER_SLACK || left > TAIL_BLOCKS * 64) {
		size_t direct = (c->readable - c->next - PREFILTER_SLACK) / 64;
		direct = direct < whole ? direct : whole;
		direct = direct < PREFILTER_BATCH ? direct : PREFILTER_BATCH;
		c->run(c->prefilter, c->s + c->base, direct, before, &c->batch);
		c->next += direct * 64;
		return;
	}
	memcpy(c->tail, c->s + c->base, left);
	memset(c->tail + left, 0, sizeof(c->tail) - left);
	c->run(c->prefilter, c->tail, whole, before, &c->batch);
	c->next = c->n;
}

bool candidates_refill(struct candidates *c)
{
	do {
		if (c->next >= c->n)
			return false;
		batch_make(c);
	} while (!c->batch.n);
	c->index = 0;
	return true;
}
