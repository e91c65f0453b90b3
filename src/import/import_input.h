/*
 * import_input - lines of a log: a file, a gzip file (by its magic, members in a row
 * included), or standard input ("-").
 */
#ifndef TAMIS_IMPORT_INPUT_H
#define TAMIS_IMPORT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define IMPORT_LINE_MAX ((size_t)65536)

struct import_input;

struct import_text {
	char *data; /* NUL behind it; the caller may change it; valid until the next call */
	size_t len; /* without the line's end */
	bool ended; /* a line's end was there: not the file's last, half-written line */
	bool cut;   /* longer than IMPORT_LINE_MAX; the rest was skipped */
};

/* path is borrowed until import_close(). */
MUST_CHECK enum status import_open(struct import_input **out, const char *path, struct reason *why);
void import_close(struct import_input *input);
/* ST_END behind the last line. ST_IO, ST_CORRUPT (gzip): why. */
MUST_CHECK enum status import_next(struct import_input *input, struct import_text *text,
				   struct reason *why);
/* Bytes of the file taken so far, before decompression; and of all, 0: not known. */
uint64_t import_offset(const struct import_input *input);
uint64_t import_size(const struct import_input *input);

#endif
