/*
 * output - where cleaned bytes go: the caller's buffer, a write function, or only
 * the spans of what was found.
 */
#ifndef SANITIZER_OUTPUT_H
#define SANITIZER_OUTPUT_H

#include "engine.h"

struct output {
	char *buffer; /* cap bytes; len counts on where it is full */
	size_t cap, len;
	san_write_fn *write; /* instead of a buffer, if not NULL */
	void *context;
	struct san_span *spans; /* instead of bytes, where find is set */
	size_t span_cap;
	bool find;
	int pieces;
	bool failed; /* write refused */
};

void output_bytes(struct output *out, const void *data, size_t len);
/* The scanner's pieces of the record raw[0..n), which begins at input offset base. */
void output_record(struct san_scanner *scanner, struct output *out, const unsigned char *raw,
		   size_t n, size_t base);

#endif
