/*
 * cut - where a record that is longer than SEGMENT_MAX is cut (records.h).
 */
#ifndef SANITIZER_CUT_H
#define SANITIZER_CUT_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the first segment of SEGMENT_MAX bytes and more; *run: no place for a cut was found. */
size_t segment_cut(const unsigned char *s, bool *run);
/* How many bytes go on a run that was not cut. */
size_t run_rest(const unsigned char *s, size_t n);

#endif
