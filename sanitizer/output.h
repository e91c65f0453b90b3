/*
 * output - where cleaned bytes go: the caller's buffer, a write function, or only
 * the spans of what was found.
 */
#ifndef SANITIZER_OUTPUT_H
#define SANITIZER_OUTPUT_H

#include "engine.h"

#include <string.h>

struct output {
	char *buffer; /* cap bytes; len counts on where it is full, but for a writer */
	size_t cap, len;
	san_write_fn *write; /* gets the buffer when it is full; NULL: nobody */
	void *context;
	struct san_span *spans; /* instead of bytes, where find is set */
	size_t span_cap;
	bool find;
	size_t base; /* input offset of what is given next */
	int pieces;
	bool failed; /* write refused */
};

/* What does not simply fit. */
void output_slow(struct output *out, const void *data, size_t len);
/* Give what the buffer holds to the writer. */
void output_flush(struct output *out);

static inline void output_bytes(struct output *out, const void *data, size_t len)
{
	if (len == 0) /* neither side need be memory then */
		return;
	if (out->len <= out->cap && len <= out->cap - out->len && !out->find) {
		memcpy(out->buffer + out->len, data, len);
		out->len += len;
	} else {
		output_slow(out, data, len);
	}
}

/*
 * Let the scanner's pieces of the record in[start..end) out. What stands before a
 * piece is copied from in[*done) on, which moves behind the piece; the rest is
 * left for a later call. base: input offset of in[0].
 */
void output_pieces(struct san_scanner *scanner, struct output *out, const unsigned char *in,
		   size_t start, size_t end, size_t base, size_t *done);

#endif
