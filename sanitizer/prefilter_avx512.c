/*
 * prefilter_avx512 - 64 bytes at a time, x86-64-v4.
 */
#pragma GCC optimize("O3,no-tree-slp-vectorize") /* it would pair up scalar stores */
#include "prefilter_zmm.inc"
#include "prefilter_gather.inc"

/* Made of what stands above. */
#define LOWEST(bits) ((size_t)_tzcnt_u64(bits))
#include "prefilter_vector.inc"

void prefilter_avx512(const struct prefilter *pf, const unsigned char *p, size_t blocks,
		      unsigned char before, struct prefilter_batch *out)
{
	prefilter_run(pf, p, blocks, before, out);
}
