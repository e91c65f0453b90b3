/*
 * progress - how far it is, on a terminal: share, rate, time left.
 *
 * Only where standard error is a terminal and standard output is none, which the
 * bar would run into. Called in order, one thread at a time.
 */
#ifndef SANITIZE_PROGRESS_H
#define SANITIZE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on, shown;
	uint64_t total;	 /* 0: not known */
	uint64_t before; /* bytes of the inputs that are done */
	int64_t start_us, last_us;
};

void progress_start(struct progress *progress, uint64_t total, bool wanted);
/* taken: of the input in work. */
void progress_update(struct progress *progress, uint64_t taken);
/* An input is done. */
void progress_next(struct progress *progress, uint64_t taken);
/* Wipe the bar, before anything else is printed there. */
void progress_clear(struct progress *progress);

/* Microseconds of a clock that never jumps. */
int64_t now_us(void);
/* "1.4 GB" into text; 1000 to the kB. */
void format_bytes(char text[16], double bytes);

#endif
