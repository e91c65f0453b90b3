/*
 * bytes - a growing buffer of bytes with a cap for all of them.
 */
#ifndef SANITIZE_BYTES_H
#define SANITIZE_BYTES_H

#include <stddef.h>

#include "cause.h"

/* No buffer of the command grows beyond this. */
#define BYTES_MAX ((size_t)1 << 30)

struct bytes {
	char *data;
	size_t len, cap;
};

/* Room for cap bytes in all; -1 when memory failed or over BYTES_MAX. */
MUST_CHECK int bytes_reserve(struct bytes *bytes, size_t cap);
MUST_CHECK int bytes_add(struct bytes *bytes, const void *data, size_t len);
MUST_CHECK int bytes_adds(struct bytes *bytes, const char *text);
/* The newlines in data[0..len), and nothing else. */
MUST_CHECK int bytes_add_newlines(struct bytes *bytes, const char *data, size_t len);
/* Take len bytes off the front. */
void bytes_shift(struct bytes *bytes, size_t len);
void bytes_free(struct bytes *bytes);

#endif
