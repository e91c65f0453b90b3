/*
 * prefilter_build - what the prefilter's tables are made of.
 */
#ifndef SANITIZER_PREFILTER_BUILD_H
#define SANITIZER_PREFILTER_BUILD_H

#include "prefilter.h"

/*
 * Building: a literal that stands at a word's beginning, known by three bytes, and
 * one that stands anywhere, known by four; give the shortest first. One of a single
 * byte is seen only behind a letter, a digit, '+', '/', '_' or '-'.
 */
void prefilter_word(struct prefilter *prefilter, const unsigned char *s, size_t n);
void prefilter_window(struct prefilter *prefilter, const unsigned char *s, size_t n);
/* These three letters, or NULs for whatever is none, may end a name. */
void prefilter_tail(struct prefilter *prefilter, const unsigned char letters[3]);

#endif
