/*
 * prefilter_build - what the prefilter's tables are made of.
 */
#ifndef SANITIZER_PREFILTER_BUILD_H
#define SANITIZER_PREFILTER_BUILD_H

#include "prefilter.h"

#define LITERALS_MAX 256

/* The two ways to look up a byte: by its nibbles and by its lower six bits. */
enum way { NIBBLES, SIX, WAYS };

struct literal {
	unsigned char s[WINDOW_BYTES], n;
	bool word;
	unsigned char bucket;
};

struct prefilter_build {
	struct prefilter *prefilter;
	size_t n;
	struct literal literals[LITERALS_MAX]; /* of Teddy */
};

/*
 * A literal that stands at a word's beginning, and one that stands anywhere. goes_on: for
 * WORD_RUN bytes. One of a single byte is seen only behind a letter, a digit, '+', '/', '_'
 * or '-'. prefilter_built() makes the tables when all are told, the best of so many tries.
 */
void prefilter_word(struct prefilter_build *b, const unsigned char *s, size_t n, bool goes_on);
void prefilter_window(struct prefilter_build *b, const unsigned char *s, size_t n);
void prefilter_built(struct prefilter_build *b, int tries);
/* Each literal's bucket, for this way. */
void prefilter_place(struct prefilter_build *b, enum way way, int tries);

/* The names of values. To be told before any text is looked at. */
struct name_tails;
void prefilter_names(struct prefilter *prefilter, const struct name_tails *tails);

#endif
