/*
 * report - what --check found: places, classes and counts, never the values.
 */
#ifndef SANITIZE_REPORT_H
#define SANITIZE_REPORT_H

#include <stdio.h>

#include "engine.h"
#include "settings.h"

struct report {
	enum report_kind kind;
	FILE *out;
	const char *file; /* in work; borrowed */
	uint64_t line;	  /* newlines of the file before the next block */
	uint64_t files, bytes;
	struct tally tally;
};

void report_begin(struct report *report, enum report_kind kind, FILE *out);
void report_file(struct report *report, const char *path);
/* All findings of a block, in order; bytes and newlines in it. */
MUST_CHECK int report_block(struct report *report, const struct findings *findings,
			    const char *data, uint64_t bytes, size_t lines, struct cause *cause);
MUST_CHECK int report_end(struct report *report, struct cause *cause);

#endif
