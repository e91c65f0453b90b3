/*
 * prefilter_build - what the prefilter's tables are made of.
 */
#ifndef SANITIZER_PREFILTER_BUILD_H
#define SANITIZER_PREFILTER_BUILD_H

#include "prefilter.h"

/*
 * A literal that stands at a word's beginning, and one that stands anywhere; give the
 * shortest first. One of a single byte is seen only behind a letter, a digit, '+', '/',
 * '_' or '-'.
 */
void prefilter_word(struct prefilter *prefilter, const unsigned char *s, size_t n);
void prefilter_window(struct prefilter *prefilter, const unsigned char *s, size_t n);

static inline uint32_t prefilter_hash(uint32_t bytes)
{
	return bytes * 0x9e3779b1u >> (32 - WORD_BITS);
}

#endif
