/*
 * escape - percent escapes that can hide nothing, told without decoding the text around.
 */
#ifndef SANITIZER_ESCAPE_H
#define SANITIZER_ESCAPE_H

#include "prefilter.h"

/*
 * Length of the run of percent escapes at s[at], of the line s[0..n), if decoding it makes
 * no candidate of what it spells nor of what stands beside it; 0 where that is not clear.
 */
size_t escapes_idle(const struct prefilter *prefilter, const unsigned char *s, size_t n, size_t at);

#endif
