/*
 * frame - where records end: lines, JSON documents, CSV records with quoted newlines.
 *
 * A framer looks at every byte once while a buffer grows. A JSON document ends with
 * the first newline outside of brackets and strings, a CSV record with the first one
 * outside of quotes; see csvscan.h for quotes that never close. A record of text or CSV in which a
 * private key begins ends where that ends.
 */
#ifndef SANITIZE_FRAME_H
#define SANITIZE_FRAME_H

#include "csvscan.h"
#include "keyblock.h"

enum framing { FRAME_LINES, FRAME_TEXT, FRAME_JSON, FRAME_CSV };

struct framer {
	enum framing framing;
	size_t pos;	    /* bytes of the buffer looked at */
	size_t line;	    /* FRAME_TEXT, FRAME_CSV: where the line in progress begins */
	struct keyline key; /* the same */
	unsigned depth;
	bool quoted, escaped;
	struct csv_scan csv; /* FRAME_CSV */
};

/* End of the first record that ends at or after framer->pos, or 0. */
size_t frame_first(struct framer *framer, const char *data, size_t len);
/* End of the last complete record, or 0. All of data has been looked at then. */
size_t frame_last(struct framer *framer, const char *data, size_t len);
/* The same where len is the end of all: what is left is a record too. Never 0 before len. */
size_t frame_next(struct framer *framer, const char *data, size_t len);
/* The buffer was emptied inside of a record, of which no quote goes over a line's end any more. */
void frame_skip(struct framer *framer);
/* The first len bytes of the buffer were taken off. */
void frame_shift(struct framer *framer, size_t len);

#endif
