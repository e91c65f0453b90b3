/*
 * piece - what is found in a record: offsets are those of the raw one, ascending, never
 * overlapping.
 */
#ifndef SANITIZER_PIECE_H
#define SANITIZER_PIECE_H

#include "record.h"

/* Longest stretch that is cleaned as one; a longer record is cut (records.h). */
#define SEGMENT_MAX (128 * 1024)
/* Shortest piece of any class is "::1". */
#define PIECES_MAX (SEGMENT_MAX / 3 + 2)

struct piece {
	uint32_t start, end;
	uint32_t quote_start; /* raw bytes to put around the placeholder: a JSON number */
	uint8_t quote_len;
	uint8_t san_class;
	bool host;   /* inside the host of a URL: the placeholder must be a label */
	bool silent; /* goes on from the piece before: no placeholder of its own */
	const char *rule;
};

struct san_scanner;
/*
 * Accept [start, end) of the record as it is seen, of a document what stands in strings.
 * Pieces of lower precedence that lie inside go; the start is clamped to the end of one that
 * stays.
 */
void piece_add(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
	       enum san_class san_class, const char *rule);
/* The same, of what is known to be within one string. */
void piece_put(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
	       enum san_class san_class, const char *rule);

#endif
