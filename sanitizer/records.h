/*
 * records - walking over records, and where one that is longer than SEGMENT_MAX is cut.
 *
 * The cut depends on the record's first SEGMENT_MAX bytes alone, so it is the
 * same for any chunking: behind the last blank of the second half, else behind the
 * last delimiter there. A run without either is longer than 64 KiB and goes whole.
 */
#ifndef SANITIZER_RECORDS_H
#define SANITIZER_RECORDS_H

#include "output.h"

/*
 * Clean whole records of in[0..len). final: nothing follows, so the last one needs
 * no end. Returns how many bytes were taken; what is left is an open record.
 */
size_t records_clean(struct san_scanner *scanner, enum san_mode mode, const unsigned char *in,
		     size_t len, bool final, struct output *out);

#endif
