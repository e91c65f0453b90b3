/*
 * prefilter_scalar - the same bits byte by byte, for any machine.
 */
#include "prefilter_isa.h"

#define GROUP 2
#include "prefilter_kernel.inc"

static unsigned buckets_of(const struct prefilter *pf, const unsigned char *p)
{
	unsigned buckets = pf->low[WHOLE_BYTES][p[WHOLE_BYTES] & 15];

	for (unsigned k = 0; k < WHOLE_BYTES; k++)
		buckets &= (unsigned)(pf->low[k][p[k] & 15] & pf->high[k][p[k] >> 4]);
	return buckets;
}

static inline void classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b,
			    size_t i)
{
	static const struct {
		unsigned char byte, bitmap;
	} singles[] = {{'-', DASH},	{'.', DOT},	{':', COLON},	   {'+', PLUS},
		       {' ', BLANK},	{'_', UNDERSCORE}, {'(', OPEN},
		       {'@', SPECIAL},	{'%', SPECIAL}, {'&', SPECIAL},	   {'\\', SPECIAL},
		       {'=', SPECIAL},	{'<', SPECIAL}, {'>', SPECIAL},	   {0xc2, SPECIAL},
		       {0xe2, SPECIAL}, {0xef, SPECIAL}};
	uint64_t w[BITMAPS] = {0};

	for (unsigned at = 0; at < 64; at++) {
		unsigned char c = p[at];
		uint64_t bit = (uint64_t)1 << at;
		w[DIGIT] |= is_digit(c) ? bit : 0;
		w[ALPHA] |= is_alpha(c) ? bit : 0;
		w[HEX_ALPHA] |= is_hex(c) && !is_digit(c) ? bit : 0;
		unsigned buckets = buckets_of(pf, p + at);
		w[WINDOW] |= buckets & ((1u << WORD_BUCKET) - 1) ? bit : 0;
		w[WORD] |= buckets >> WORD_BUCKET ? bit : 0;
		for (size_t k = 0; !is_alnum(c) && k < sizeof(singles) / sizeof(*singles); k++)
			w[singles[k].bitmap] |= c == singles[k].byte ? bit : 0;
		w[ZERO] |= c == '0' ? bit : 0;
	}
	for (int k = 0; k < BITMAPS; k++)
		b->row[k][i] = w[k];
}

void prefilter_scalar(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		      unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
