/*
 * prefilter - choosing the code path, building the tables.
 *
 * The choice is one atomic pointer, made at first need; two threads that race make
 * the same one.
 */
#include "prefilter.h"

#include "chars.h"
#include "prefilter_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const struct prefilter_isa *) chosen;

static const struct prefilter_isa *isa_find(void)
{
	const char *forced = getenv("SANITIZER_ISA");
	const struct prefilter_isa *list = prefilter_isas(), *best = NULL;

	for (; list->name; list++) {
		if (!list->usable())
			continue;
		best = list;
		if (forced && !strcmp(forced, list->name))
			break;
	}
	return best;
}

prefilter_fn *prefilter_choose(const char **name)
{
	const struct prefilter_isa *isa = atomic_load_explicit(&chosen, memory_order_acquire);

	if (!isa) {
		isa = isa_find();
		atomic_store_explicit(&chosen, isa, memory_order_release);
	}
	if (name)
		*name = isa->name;
	return isa->run;
}

static void word_set(struct prefilter *pf, uint32_t bytes)
{
	uint32_t hash = prefilter_hash(bytes);

	pf->words[hash / 8] |= (unsigned char)(1u << hash % 8);
}

void prefilter_word(struct prefilter *pf, const unsigned char *s, size_t n)
{
	uint32_t bytes = (uint32_t)s[0] | (n > 1 ? (uint32_t)s[1] << 8 : 0);

	if (n > 2) {
		word_set(pf, bytes | (uint32_t)s[2] << 16);
		return;
	}
	for (uint32_t third = 0; third < 256; third++)
		for (uint32_t second = n > 1 ? 255 : 0; second < 256; second++)
			word_set(pf, bytes | (n > 1 ? 0 : second << 8) | third << 16);
}

static void byte_set(struct prefilter *pf, int position, unsigned char c, unsigned char bucket)
{
	pf->low[position][c & 15] |= bucket;
	pf->high[position][c >> 4] |= bucket;
}

static unsigned bits_set(const unsigned char *nibbles, unsigned char bucket, unsigned char more)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 16; i++)
		n += (nibbles[i] & bucket) || i == more;
	return n;
}

/* How many combinations of nibbles a bucket would let through with this window in it. */
static double bucket_cost(const struct prefilter *pf, const unsigned char *s, size_t n,
			  unsigned char bucket)
{
	double after = 1, before = 1;

	for (size_t k = 0; k < 4; k++) {
		if (k >= n) {
			after *= 256;
			before *=
			    bits_set(pf->low[k], bucket, 16) * bits_set(pf->high[k], bucket, 16);
			continue;
		}
		after *= bits_set(pf->low[k], bucket, s[k] & 15) *
			 bits_set(pf->high[k], bucket, s[k] >> 4);
		before *= bits_set(pf->low[k], bucket, 16) * bits_set(pf->high[k], bucket, 16);
	}
	return after - before;
}

void prefilter_window(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned char best = 0;
	double cost = 0;

	n = n > 4 ? 4 : n;
	for (unsigned i = 0; i < 8; i++) {
		unsigned char bucket = (unsigned char)(1u << i);
		double c = bucket_cost(pf, s, n, bucket);
		if (!best || c < cost) {
			best = bucket;
			cost = c;
		}
	}
	for (int k = 0; k < 4; k++) {
		if ((size_t)k < n) {
			byte_set(pf, k, s[k], best);
			continue;
		}
		for (unsigned c = 0; c < 256; c++)
			byte_set(pf, k, (unsigned char)c, best);
	}
}
