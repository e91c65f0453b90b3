/*
 * batch - Umami's bare array of events, and what its answers mean.
 *
 * Pure functions over bytes. Nothing of an answer's text ever leaves this room:
 * Umami's 500 carries stack traces with what it choked on.
 */
#ifndef TAMIS_BATCH_H
#define TAMIS_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "status.h"

/* What the upstream said of one event. */
struct outcome {
	int code;	      /* 200, or the error's HTTP code */
	bool unknown_website; /* its "Website not found." */
	bool bot;	      /* taken for a bot: it answers 200 and stores nothing */
};

/* "[", then each event, then "]". */
void batch_start(struct buf *body);
void batch_add(struct buf *body, const char *json, size_t len);
void batch_end(struct buf *body);

/*
 * The answer to a batch of n: all n outcomes are written. ST_INVALID: that is no
 * answer of Umami's to n events (cut short, HTML, of another size, with
 * figures that its details contradict).
 */
MUST_CHECK enum status batch_outcomes(struct outcome *outcomes, size_t n, const char *answer,
				      size_t len);
/* The answer to a single event: a JSON object, of an error where code >= 400; else ST_INVALID. */
MUST_CHECK enum status batch_outcome(struct outcome *outcome, int code, const char *answer,
				     size_t len);

#endif
