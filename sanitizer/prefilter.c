/*
 * prefilter - choosing the code path, building the tables.
 *
 * The choice is one atomic pointer, made at first need; two threads that race make
 * the same one.
 */
#include "prefilter.h"

#include "chars.h"
#include "prefilter_build.h"
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

const uint16_t prefilter_byte_kinds[256] = {
    ['@'] = 1u << PREFILTER_AT,	     ['%'] = 1u << PREFILTER_ESCAPE,
    ['&'] = 1u << PREFILTER_ESCAPE,  ['\\'] = 1u << PREFILTER_ESCAPE,
    [0xc2] = 1u << PREFILTER_ESCAPE, [0xe2] = 1u << PREFILTER_ESCAPE,
    [0xef] = 1u << PREFILTER_ESCAPE, ['+'] = 1u << PREFILTER_PHONE,
    ['0'] = 1u << PREFILTER_PHONE,   ['='] = 1u << PREFILTER_NAME,
    [':'] = 1u << PREFILTER_NAME,    ['-'] = 1u << PREFILTER_NAME,
    ['('] = 1u << PREFILTER_NAME,    ['<'] = 1u << PREFILTER_NAME,
    [' '] = 1u << PREFILTER_NAME,
};

static void bit_set(uint32_t *table, uint32_t bit)
{
	table[bit / 32] |= 1u << bit % 32;
}

/* The two ways to look up a byte: by its nibbles and by its lower six bits. */
enum way { NIBBLES, SIX, WAYS };

static void byte_set(struct prefilter *pf, enum way way, size_t position, unsigned char c,
		     unsigned char bucket)
{
	if (way == SIX) {
		pf->six[position][c & 63] |= bucket;
		return;
	}
	pf->low[position][c & 15] |= bucket;
	pf->high[position][c >> 4] |= bucket;
}

/* The bits of what these bytes and any others begin. */
static void first_bytes_set(struct prefilter *pf, struct prefilter_literals *set,
			    const unsigned char *s, size_t n)
{
	unsigned char bytes[4] = {0};
	uint32_t word;
	uint16_t two;

	memcpy(bytes, s, n);
	memcpy(&word, bytes, sizeof(word));
	memcpy(&two, bytes, sizeof(two));
	bit_set(pf->twos, two);
	bit_set(n > 3 ? set->fours : set->threes, prefilter_hash(word));
}

static void literal_set(struct prefilter *pf, struct prefilter_literals *set,
			const unsigned char *s, size_t n)
{
	unsigned char longer[3];

	if (n > 2) {
		first_bytes_set(pf, set, s, n > 4 ? 4 : n);
		return;
	}
	memcpy(longer, s, n);
	for (unsigned c = 0; c < 256; c++) {
		longer[n] = (unsigned char)c;
		literal_set(pf, set, longer, n + 1);
	}
}

void prefilter_word(struct prefilter *pf, const unsigned char *s, size_t n)
{
	literal_set(pf, &pf->words, s, n);
}

/* How often a byte stands in logs, in thousandths: what the buckets are chosen by. */
static const unsigned char weights[256] = {
    [' '] = 45,		['!'] = 2,	    ['"'] = 14,	       ['#' ... ','] = 2, ['-'] = 14,
    ['.' ... '/'] = 45, ['0' ... '9'] = 22, [':'] = 14,	       [';' ... '@'] = 2, ['A' ... 'Z'] = 4,
    ['[' ... '`'] = 2,	['a' ... 'z'] = 18, ['{' ... '~'] = 2,
};

/* How much more passes a bucket's nibbles at one position with one byte more let in. */
static unsigned more_by_nibbles(const struct prefilter *pf, size_t k, unsigned char bucket,
				unsigned char c)
{
	unsigned high = c >> 4, low = c & 15, sum = 0;
	bool new_high = !(pf->high[k][high] & bucket), new_low = !(pf->low[k][low] & bucket);

	for (unsigned i = 0; i < 16; i++) {
		if (new_high && (pf->low[k][i] & bucket))
			sum += weights[high << 4 | i];
		if (new_low && (pf->high[k][i] & bucket))
			sum += weights[i << 4 | low];
	}
	return sum + (new_high && new_low ? weights[c] : 0);
}

/* The same by its lower six bits. */
static unsigned more_by_six(const struct prefilter *pf, size_t k, unsigned char bucket,
			    unsigned char c)
{
	unsigned six = c & 63;

	return pf->six[k][six] & bucket ? 0 : weights[six] + weights[six | 64];
}

typedef unsigned more_fn(const struct prefilter *pf, size_t k, unsigned char bucket,
			 unsigned char c);
static more_fn *const more_passes[WAYS] = {more_by_nibbles, more_by_six};

/* How much more of a text a bucket would let through with this window in it. */
static double bucket_cost(const struct prefilter *pf, enum way way, const unsigned char *s,
			  size_t n, unsigned index)
{
	unsigned char bucket = (unsigned char)(1u << index);
	double after = 1, before = 1;

	for (size_t k = 0; k < WINDOW_BYTES; k++) {
		unsigned share = pf->shares[way][k][index];
		after *= k < n ? share + more_passes[way](pf, k, bucket, s[k]) : 1000;
		before *= share;
	}
	return after - before;
}

/*
 * The buckets for literals of one to four bytes: short ones let any byte follow, so that the
 * longer ones want buckets of their own.
 */
static const struct {
	unsigned char from, to;
} buckets_for[WINDOW_BYTES + 1] = {{0}, {0, 1}, {0, 2}, {1, 4}, {2, 8}};

/* Into the bucket that lets through the least; one that has it already lets through no more. */
static void window_set(struct prefilter *pf, enum way way, const unsigned char *s, size_t n)
{
	unsigned best = buckets_for[n].from;
	double cost = bucket_cost(pf, way, s, n, best);

	for (unsigned i = best + 1; i < buckets_for[n].to; i++) {
		double c = bucket_cost(pf, way, s, n, i);
		if (c < cost) {
			best = i;
			cost = c;
		}
	}
	unsigned char bucket = (unsigned char)(1u << best);
	for (size_t k = 0; k < WINDOW_BYTES; k++) {
		unsigned *share = &pf->shares[way][k][best];
		*share = k < n ? *share + more_passes[way](pf, k, bucket, s[k]) : 1000;
		for (unsigned c = 0; k >= n && c < 256; c++)
			byte_set(pf, way, k, (unsigned char)c, bucket);
		if (k < n)
			byte_set(pf, way, k, s[k], bucket);
	}
}

static void short_set(struct prefilter *pf, unsigned char c)
{
	unsigned char two[2] = {c};
	uint16_t bit;

	pf->shorts[c] = 1;
	for (unsigned second = 0; second < 256; second++) {
		two[1] = (unsigned char)second;
		memcpy(&bit, two, sizeof(bit));
		bit_set(pf->twos, bit);
	}
}

void prefilter_window(struct prefilter *pf, const unsigned char *s, size_t n)
{
	if (n < 2)
		short_set(pf, s[0]);
	else
		literal_set(pf, &pf->windows, s, n);
	n = n > WINDOW_BYTES ? WINDOW_BYTES : n;
	window_set(pf, NIBBLES, s, n);
	window_set(pf, SIX, s, n);
}
