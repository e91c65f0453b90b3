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

static void word_set(struct prefilter *pf, uint32_t bytes)
{
	uint32_t hash = prefilter_hash(bytes);

	pf->words[hash / 8] |= (unsigned char)(1u << hash % 8);
}

static void byte_set(struct prefilter *pf, size_t position, unsigned char c, unsigned char bucket)
{
	pf->low[position][c & 15] |= bucket;
	pf->high[position][c >> 4] |= bucket;
	pf->six[position][c & 63] |= bucket;
}

/* Words share a bucket by their first letter, which keeps each bucket's nibbles few. */
static unsigned char word_bucket(unsigned char c)
{
	static const char last[] = "9Gagnsz";
	unsigned i = 0;

	if (is_upper(c))
		return c < 'H' ? 2 : 4;
	while (i < 7 && c > (unsigned char)last[i])
		i++;
	return (unsigned char)(1u << i);
}

static void word_byte_set(struct prefilter *pf, size_t k, unsigned char c, unsigned char bucket)
{
	pf->word_low[k][c & 15] |= bucket;
	pf->word_high[k][c >> 4] |= bucket;
	pf->word_six[k][c & 63] |= bucket;
}

static void word_hash_set(struct prefilter *pf, const unsigned char *s, size_t n)
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

void prefilter_word(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned char bucket = word_bucket(s[0]);

	word_hash_set(pf, s, n);
	for (size_t k = 0; k < 4; k++) {
		if (k < n) {
			word_byte_set(pf, k, s[k], bucket);
			continue;
		}
		for (unsigned c = 0; c < 256; c++)
			word_byte_set(pf, k, (unsigned char)c, bucket);
	}
}

/* How often a byte stands in logs, in thousandths: what the buckets are chosen by. */
static const unsigned char weights[256] = {
    [' '] = 45,		['!'] = 2,	    ['"'] = 14,	       ['#' ... ','] = 2, ['-'] = 14,
    ['.' ... '/'] = 45, ['0' ... '9'] = 22, [':'] = 14,	       [';' ... '@'] = 2, ['A' ... 'Z'] = 4,
    ['[' ... '`'] = 2,	['a' ... 'z'] = 18, ['{' ... '~'] = 2,
};

/* How much more passes a bucket's nibbles at one position with one byte more let in. */
static unsigned more_passes(const struct prefilter *pf, size_t k, unsigned char bucket,
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

/* How much more of a text a bucket would let through with this window in it. */
static double bucket_cost(const struct prefilter *pf, const unsigned char *s, size_t n,
			  unsigned index)
{
	unsigned char bucket = (unsigned char)(1u << index);
	double after = 1, before = 1;

	for (size_t k = 0; k < 4; k++) {
		unsigned share = pf->shares[k][index];
		after *= k < n ? share + more_passes(pf, k, bucket, s[k]) : 1000;
		before *= share;
	}
	return after - before;
}

/* Another literal with the same beginning is in already. */
static bool window_known(const struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned buckets = 0xff;

	for (size_t k = 0; k < n; k++)
		buckets &= (unsigned)(pf->low[k][s[k] & 15] & pf->high[k][s[k] >> 4] &
				      pf->six[k][s[k] & 63]);
	for (size_t k = n; k < 4; k++)
		for (unsigned i = 0; i < 64; i++)
			buckets &=
			    (unsigned)(pf->low[k][i & 15] & pf->high[k][i & 15] & pf->six[k][i]);
	return buckets != 0;
}

void prefilter_window(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned best = 0;
	double cost = 0;

	n = n > 4 ? 4 : n;
	if (n < 2)
		pf->shorts[s[0]] = 1;
	else
		word_hash_set(pf, s, n);
	if (window_known(pf, s, n))
		return;
	for (unsigned i = 0; i < 8; i++) {
		double c = bucket_cost(pf, s, n, i);
		if (i == 0 || c < cost) {
			best = i;
			cost = c;
		}
	}
	unsigned char bucket = (unsigned char)(1u << best);
	for (size_t k = 0; k < 4; k++) {
		pf->shares[k][best] =
		    k < n ? pf->shares[k][best] + more_passes(pf, k, bucket, s[k]) : 1000;
		for (unsigned c = 0; k >= n && c < 256; c++)
			byte_set(pf, k, (unsigned char)c, bucket);
		if (k < n)
			byte_set(pf, k, s[k], bucket);
	}
}

void prefilter_tail(struct prefilter *pf, const unsigned char letters[3])
{
	unsigned third = letters[0] & 31u, thirds = letters[0] ? third + 1 : 32;
	unsigned second = letters[1] & 31u, seconds = letters[1] ? second + 1 : 32;

	for (unsigned t = letters[0] ? third : 0; t < thirds; t++) {
		for (unsigned s = letters[1] ? second : 0; s < seconds; s++) {
			unsigned bit = (t * 32 + s) * 32 + (letters[2] & 31u);
			pf->tails[bit / 8] |= (unsigned char)(1u << bit % 8);
		}
	}
}
