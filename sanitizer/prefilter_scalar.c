/*
 * prefilter_scalar - the same bits byte by byte, for any machine.
 */
#include "prefilter_kernel.h"

static inline void classify(const struct prefilter *pf, const unsigned char *p, struct bitmaps *b)
{
	memset(b, 0, sizeof(*b));
	for (unsigned i = 0; i < 64; i++) {
		unsigned char c = p[i], buckets = 0xff;
		uint64_t bit = (uint64_t)1 << i;
		for (unsigned k = 0; k < 4; k++)
			buckets &= pf->low[k][p[i + k] & 15] & pf->high[k][p[i + k] >> 4];
		b->digit |= is_digit(c) ? bit : 0;
		b->hex |= is_hex(c) ? bit : 0;
		b->alnum |= is_alnum(c) ? bit : 0;
		b->dash |= c == '-' ? bit : 0;
		b->dot |= c == '.' ? bit : 0;
		b->colon |= c == ':' ? bit : 0;
		b->plus |= c == '+' ? bit : 0;
		b->zero |= c == '0' ? bit : 0;
		b->at |= c == '@' ? bit : 0;
		b->percent |= c == '%' ? bit : 0;
		b->escape |= c == '\\' || c == '&' || c == 0xc2 || c == 0xe2 || c == 0xef ? bit : 0;
		b->equals |= c == '=' ? bit : 0;
		b->blank |= c == ' ' ? bit : 0;
		b->open |= c == '(' ? bit : 0;
		b->quote |= c == '"' || c == '\'' ? bit : 0;
		b->less |= c == '<' ? bit : 0;
		b->more |= c == '>' ? bit : 0;
		b->literal |= buckets ? bit : 0;
	}
}

void prefilter_scalar(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		      unsigned char before, struct prefilter_block *out)
{
	prefilter_blocks(pf, p, blocks, before, out);
}
