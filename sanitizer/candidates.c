/*
 * candidates - batches of blocks.
 *
 * The prefilter reads a little behind its blocks, so the end of the text is copied
 * into a buffer of our own; nothing is ever read outside the text.
 */
#include "candidates.h"

#include <string.h>

void candidates_begin(struct candidates *c, prefilter_fn *run, const struct prefilter *prefilter,
		      const unsigned char *s, size_t n)
{
	c->run = run;
	c->prefilter = prefilter;
	c->s = s;
	c->n = n;
	c->base = c->next = 0;
	c->index = c->blocks = 0;
	c->any = 0;
}

static void batch_make(struct candidates *c)
{
	size_t left = c->n - c->next;
	unsigned char before = c->next ? c->s[c->next - 1] : 0;

	c->base = c->next;
	c->index = 0;
	if (left >= 64 + PREFILTER_SLACK) {
		c->blocks = (left - PREFILTER_SLACK) / 64;
		c->blocks = c->blocks < PREFILTER_BATCH ? c->blocks : PREFILTER_BATCH;
		c->run(c->prefilter, c->s + c->base, c->blocks, before, &c->batch);
		c->next += c->blocks * 64;
		return;
	}
	c->blocks = (left + 63) / 64;
	memcpy(c->tail, c->s + c->base, left);
	memset(c->tail + left, 0, sizeof(c->tail) - left);
	c->run(c->prefilter, c->tail, c->blocks, before, &c->batch);
	c->next = c->n;
}

bool candidates_refill(struct candidates *c)
{
	while (!c->any) {
		if (c->index + 1 < c->blocks) {
			c->index++;
		} else {
			if (c->next >= c->n)
				return false;
			batch_make(c);
		}
		c->any = c->batch.any[c->index];
	}
	return true;
}
