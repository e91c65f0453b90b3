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

static void byte_set(struct prefilter *pf, int position, unsigned char c, unsigned char bucket)
{
	pf->low[position][c & 15] |= bucket;
	pf->high[position][c >> 4] |= bucket;
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
static unsigned weight(unsigned c)
{
	if (c - 'a' < 26u)
		return 18;
	if (c - '0' < 10u)
		return 22;
	if (c - 'A' < 26u)
		return 4;
	return c == ' ' || c == '/' || c == '.'	  ? 45
	       : c == '-' || c == '"' || c == ':' ? 14
	       : c < 0x20 || c > 0x7e		  ? 0
						  : 2;
}

/* Share of bytes that pass a bucket's nibbles at one position, with one byte more let in. */
static double passes(const struct prefilter *pf, size_t k, unsigned char bucket, int more)
{
	unsigned sum = 0;

	for (unsigned high = 0; high < 16; high++) {
		if (!(pf->high[k][high] & bucket) && (more < 0 || high != (unsigned)more >> 4))
			continue;
		for (unsigned low = 0; low < 16; low++)
			if ((pf->low[k][low] & bucket) ||
			    (more >= 0 && low == ((unsigned)more & 15)))
				sum += weight(high << 4 | low);
	}
	return sum / 1000.0;
}

/* How much more of a text a bucket would let through with this window in it. */
static double bucket_cost(const struct prefilter *pf, const unsigned char *s, size_t n,
			  unsigned char bucket)
{
	double after = 1, before = 1;

	for (size_t k = 0; k < 4; k++) {
		after *= k < n ? passes(pf, k, bucket, s[k]) : 1;
		before *= passes(pf, k, bucket, -1);
	}
	return after - before;
}

/* Another literal with the same beginning is in already. */
static bool window_known(const struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned buckets = 0xff;

	for (size_t k = 0; k < n; k++)
		buckets &= (unsigned)(pf->low[k][s[k] & 15] & pf->high[k][s[k] >> 4]);
	for (size_t k = n; k < 4; k++)
		for (unsigned i = 0; i < 16; i++)
			buckets &= (unsigned)(pf->low[k][i] & pf->high[k][i]);
	return buckets != 0;
}

void prefilter_window(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned char best = 0;
	double cost = 0;

	n = n > 4 ? 4 : n;
	if (n < 3)
		pf->shorts[s[0]] = 1;
	else
		word_hash_set(pf, s, n);
	if (window_known(pf, s, n))
		return;
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

void prefilter_tail(struct prefilter *pf, const unsigned char letters[3])
{
	for (unsigned i = 0; i < 32 * 32; i++) {
		unsigned third = i / 32, second = i % 32;
		if ((letters[0] && third != (letters[0] & 31u)) ||
		    (letters[1] && second != (letters[1] & 31u)))
			continue;
		unsigned bit = (third * 32 + second) * 32 + (letters[2] & 31u);
		pf->tails[bit / 8] |= (unsigned char)(1u << bit % 8);
	}
}
