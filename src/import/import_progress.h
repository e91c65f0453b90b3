/*
 * import_progress - one line on a terminal that says how far, how fast, how long still.
 *
 * Does nothing where standard error is no terminal.
 */
#ifndef TAMIS_IMPORT_PROGRESS_H
#define TAMIS_IMPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct import_progress {
	bool on;
	uint64_t total_bytes; /* of all inputs; 0: not known */
	int64_t started_us, drawn_us;
};

void progress_start(struct import_progress *progress, uint64_t total_bytes);
/* On a terminal, ten times a second. */
bool progress_is_due(const struct import_progress *progress);
void progress_show(struct import_progress *progress, uint64_t bytes, uint64_t lines);
/* Take the line away, before something else is said. */
void progress_clear(struct import_progress *progress);

#endif
