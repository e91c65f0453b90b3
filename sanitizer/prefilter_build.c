/*
 * prefilter_build - the tables of literals.
 *
 * A bucket of Teddy lets everything through that has at each position a byte of one of its
 * literals, or, of which a nibble is like that of one, the other like that of another. So
 * it matters which share one: each is put where the least more passes by the frequency of
 * bytes in logs, and moved again when all have a place.
 */
#include "prefilter_build.h"

#include "chars.h"
#include "names.h"

#include <string.h>

#define ROUNDS 4
#define NOWHERE 0xff

static void bit_set(uint32_t *table, uint32_t bit)
{
	table[bit / 32] |= 1u << bit % 32;
}

/* The bits of what these bytes and any others begin. */
static void first_bytes_set(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned char bytes[4] = {0};
	uint32_t word;
	uint16_t two;

	memcpy(bytes, s, n);
	memcpy(&word, bytes, sizeof(word));
	memcpy(&two, bytes, sizeof(two));
	bit_set(pf->twos, two);
	if (n > 3)
		bit_set(pf->fours, prefilter_hash(word, FOURS_BITS));
	else
		bit_set(pf->threes, prefilter_hash(word, THREES_BITS));
}

static void literal_set(struct prefilter *pf, const unsigned char *s, size_t n)
{
	unsigned char longer[3];

	if (n > 2) {
		first_bytes_set(pf, s, n > 4 ? 4 : n);
		return;
	}
	memcpy(longer, s, n);
	for (unsigned c = 0; c < 256; c++) {
		longer[n] = (unsigned char)c;
		literal_set(pf, longer, n + 1);
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

/* The two ways to look up a byte: by its nibbles and by its lower six bits. */
enum way { NIBBLES, SIX, WAYS };

/* How often a byte stands in logs, in thousandths. */
static const unsigned char weights[256] = {
    [' '] = 50,	       ['!'] = 1,	   ['"'] = 20,	       ['#' ... '$'] = 1, ['%'] = 2,
    ['&' ... '*'] = 1, ['+'] = 4,	   [','] = 3,	       ['-'] = 25,	  ['.'] = 45,
    ['/'] = 45,	       ['0' ... '1'] = 40, ['2' ... '9'] = 22, [':'] = 18,	  [';'] = 5,
    ['<' ... '>'] = 2, ['?'] = 2,	   ['@'] = 1,	       ['A' ... 'Z'] = 6, ['['] = 4,
    ['\\'] = 1,	       [']'] = 4,	   ['_'] = 3,	       ['`'] = 1,	  ['a'] = 35,
    ['b'] = 12,	       ['c'] = 22,	   ['d'] = 15,	       ['e'] = 45,	  ['f'] = 10,
    ['g'] = 15,	       ['h'] = 15,	   ['i'] = 35,	       ['j'] = 2,	  ['k'] = 6,
    ['l'] = 25,	       ['m'] = 20,	   ['n'] = 25,	       ['o'] = 40,	  ['p'] = 20,
    ['q'] = 1,	       ['r'] = 25,	   ['s'] = 30,	       ['t'] = 35,	  ['u'] = 10,
    ['v'] = 6,	       ['w'] = 10,	   ['x'] = 6,	       ['y'] = 6,	  ['z'] = 4,
    ['{' ... '}'] = 1, ['~'] = 1,
};

/* What stands on every line of a web server's log, more often than its bytes would let expect. */
static const char hot[][WINDOW_BYTES + 1] = {" - -", " - [", " - \"", "0000", "\"-\" ", "HTTP",
					     "http", "://w", "www.",	"Mozi", "GET ", "html"};
#define HOT_PASSES 4e9 /* once in 250 bytes, as bucket_passes() counts */

/* What share of bytes passes at a position whose literals have these high and low halves. */
static unsigned halves_pass(unsigned high, unsigned low)
{
	unsigned sum = 0;

	for (unsigned h = high; h; h &= h - 1)
		for (unsigned l = low; l; l &= l - 1)
			sum += weights[__builtin_ctz(h) << 4 | __builtin_ctz(l)];
	return sum;
}

static unsigned six_pass(uint64_t six)
{
	unsigned sum = 0;

	for (; six; six &= six - 1) {
		unsigned bits = (unsigned)__builtin_ctzll(six);
		sum += weights[bits] + weights[bits | 64];
	}
	return sum;
}

/* What a bucket's literals have at one position. */
struct halves {
	unsigned high, low;
	uint64_t six;
	bool any; /* one has ended before */
};

static bool byte_passes(const struct halves *h, enum way way, unsigned char c)
{
	if (h->any)
		return true;
	return way == SIX ? h->six >> (c & 63) & 1 : (h->high >> (c >> 4) & h->low >> (c & 15) & 1);
}

/* How much of a text a bucket lets through, in 1e-12, with the literal `more` in it. */
static double bucket_passes(const struct prefilter_build *b, enum way way, unsigned bucket,
			    const struct literal *more)
{
	struct halves halves[WINDOW_BYTES] = {0};
	double passes = 1;
	size_t members = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct literal *l = &b->literals[i];
		if (l->bucket != bucket && l != more)
			continue;
		members++;
		for (size_t k = 0; k < WINDOW_BYTES; k++) {
			halves[k].any |= k >= l->n;
			halves[k].high |= k < WHOLE_BYTES ? 1u << (l->s[k] >> 4) : 0xffff;
			halves[k].low |= 1u << (l->s[k] & 15);
			halves[k].six |= (uint64_t)1 << (l->s[k] & 63);
		}
	}
	if (!members)
		return 0;
	for (const struct halves *h = halves; h < halves + WINDOW_BYTES; h++)
		passes *= h->any ? 1000
				 : way == SIX ? six_pass(h->six) : halves_pass(h->high, h->low);
	for (size_t i = 0; i < sizeof(hot) / sizeof(*hot); i++) {
		size_t k = 0;
		while (k < WINDOW_BYTES && byte_passes(&halves[k], way, (unsigned char)hot[i][k]))
			k++;
		passes += k == WINDOW_BYTES ? HOT_PASSES : 0;
	}
	return passes;
}

static void literal_place(struct prefilter_build *b, enum way way, struct literal *l)
{
	unsigned to = l->word ? BUCKETS : WORD_BUCKET, best = NOWHERE;
	double least = 0;

	l->bucket = NOWHERE;
	for (unsigned i = l->word ? WORD_BUCKET : 0; i < to; i++) {
		double cost = bucket_passes(b, way, i, l) - bucket_passes(b, way, i, NULL);
		if (best == NOWHERE || cost < least) {
			best = i;
			least = cost;
		}
	}
	l->bucket = (unsigned char)best;
}

/* The shortest first: they want a bucket with little else in it. */
static void literals_place(struct prefilter_build *b, enum way way)
{
	for (size_t n = 0; n <= WINDOW_BYTES; n++)
		for (size_t i = 0; i < b->n; i++)
			if (b->literals[i].n == n)
				literal_place(b, way, &b->literals[i]);
}

static void literal_show(struct prefilter *pf, enum way way, const struct literal *l)
{
	unsigned char bit = (unsigned char)(1u << l->bucket);

	for (size_t k = 0; k < WINDOW_BYTES; k++) {
		for (unsigned c = k < l->n ? l->s[k] : 0; c < (k < l->n ? l->s[k] + 1u : 256);
		     c++) {
			if (way == SIX) {
				pf->six[k][c & 63] |= bit;
				continue;
			}
			pf->low[k][c & 15] |= bit;
			if (k < WHOLE_BYTES)
				pf->high[k][c >> 4] |= bit;
		}
	}
}

void prefilter_built(struct prefilter_build *b)
{
	for (enum way way = NIBBLES; way < WAYS; way++) {
		for (size_t i = 0; i < b->n; i++)
			b->literals[i].bucket = NOWHERE;
		for (int round = 0; round < ROUNDS; round++)
			literals_place(b, way);
		for (size_t i = 0; i < b->n; i++)
			literal_show(b->prefilter, way, &b->literals[i]);
	}
}

/* Literals with the same first bytes are one; a shorter one than fits lets more through. */
static void literal_add(struct prefilter_build *b, const unsigned char *s, size_t n, bool word)
{
	struct literal l = {.n = (unsigned char)(n > WINDOW_BYTES ? WINDOW_BYTES : n),
			    .word = word};

	memcpy(l.s, s, l.n);
	for (size_t i = 0; i < b->n; i++)
		if (b->literals[i].word == word && b->literals[i].n == l.n &&
		    !memcmp(b->literals[i].s, l.s, l.n))
			return;
	if (b->n == LITERALS_MAX) /* all bytes pass */
		b->literals[b->n - 1] = (struct literal){.word = false};
	else
		b->literals[b->n++] = l;
}

void prefilter_window(struct prefilter_build *b, const unsigned char *s, size_t n)
{
	if (n < 2)
		short_set(b->prefilter, s[0]);
	else
		literal_set(b->prefilter, s, n);
	literal_add(b, s, n, false);
}

void prefilter_word(struct prefilter_build *b, const unsigned char *s, size_t n, bool goes_on)
{
	literal_set(b->prefilter, s, n);
	if (!goes_on)
		literal_add(b, s, n, true);
}

#define NO_LETTER '`'

static bool stands_for(unsigned char letter, unsigned c)
{
	return letter == NO_LETTER ? !is_alpha((unsigned char)c) : letter == (c | 32);
}

static void tail_bit(struct prefilter *pf, unsigned third, unsigned second, unsigned last)
{
	const unsigned char s[4] = {(unsigned char)third, (unsigned char)second,
				    (unsigned char)last};
	uint32_t bytes;

	memcpy(&bytes, s, sizeof(bytes));
	bit_set(pf->tails, prefilter_tail(bytes));
}

/* The bits of three letters, of which the first two may stand for all that is none. */
static void tail_set(struct prefilter *pf, const unsigned char *letters)
{
	for (unsigned third = 0; third < 256; third++)
		for (unsigned second = 0; second < 256 && stands_for(letters[0], third); second++)
			if (stands_for(letters[1], second))
				tail_bit(pf, third, second, letters[2]);
}

/* As name_plausible() of engine.c has it, which looks again. */
void prefilter_names(struct prefilter *pf, const struct name_tails *tails)
{
	unsigned char s[3];

	memset(pf->tails, 0, sizeof(pf->tails));
	for (s[0] = NO_LETTER; s[0] <= 'z'; s[0]++)
		for (s[1] = NO_LETTER; s[1] <= 'z'; s[1]++)
			for (s[2] = 'a'; s[2] <= 'z'; s[2]++)
				if (name_may_end(tails, s, 3))
					tail_set(pf, s);
	/* "name";s:5:"value" */
	for (s[2] = 'a'; s[2] <= 'z'; s[2]++)
		for (const char *quote = "\"'`"; *quote; quote++)
			tail_bit(pf, (unsigned char)*quote, ';', s[2]);
}
