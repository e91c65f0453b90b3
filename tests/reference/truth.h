/*
 * truth - the slow truth: what the tables say, without any prefilter.
 *
 * Every pattern of detector.def and apikey.def is tried whole, by PCRE2's interpreter, at
 * every byte of a record; so are the detectors that are code.
 */
#ifndef TAMIS_TEST_TRUTH_H
#define TAMIS_TEST_TRUTH_H

#include <stddef.h>

#include "sanitizer.h"

struct truth;

/* The rules must outlive it. Ends the process without memory. */
struct truth *truth_new(const struct san_rules *rules);
void truth_free(struct truth *truth);

/*
 * The spans of one record: of SAN_TEXT a line, without its newline. As san_find() does.
 */
size_t truth_find(struct truth *truth, enum san_mode mode, const char *in, size_t len,
		  struct san_span *spans, size_t cap);

#endif
