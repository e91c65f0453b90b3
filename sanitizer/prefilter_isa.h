/*
 * prefilter_isa - the code paths that were built, slowest first.
 *
 * prefilter_x86.c or prefilter_any.c, as the machine is that one builds for.
 */
#ifndef SANITIZER_PREFILTER_ISA_H
#define SANITIZER_PREFILTER_ISA_H

#include "prefilter.h"

struct prefilter_isa {
	const char *name; /* NULL ends the list */
	prefilter_fn *run;
	bool (*usable)(void); /* can this machine run it? */
};

const struct prefilter_isa *prefilter_isas(void);

prefilter_fn prefilter_scalar, prefilter_sse, prefilter_avx2, prefilter_avx512, prefilter_vbmi;

/* Every byte 64 times: constants of the vector code. */
extern const unsigned char prefilter_rows[256][64];

#endif
