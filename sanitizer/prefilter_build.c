/*
 * prefilter_build - the tables of literals, and of what names end with.
 */
#include "prefilter_build.h"
#include "prefilter_look.h"

#include "chars.h"
#include "names.h"

#include <string.h>

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

void prefilter_built(struct prefilter_build *b, int tries)
{
	for (enum way way = NIBBLES; way < WAYS; way++) {
		prefilter_place(b, way, tries);
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
