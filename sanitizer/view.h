/*
 * view - a record decoded for detection, with the way back.
 *
 * Decoded are percent escapes and backslash escapes, up to three rounds each, HTML
 * entities of the characters that matter, full-width forms; zero-width characters
 * vanish. `origin` leads every byte back to its source, so that what is not
 * redacted stays as it was. `level` counts the rounds: a delimiter that was encoded
 * deeper than a value's separator belongs to the value (`?password=p%26q`).
 */
#ifndef SANITIZER_VIEW_H
#define SANITIZER_VIEW_H

#include "engine.h"

/* Memory for records up to SEGMENT_MAX bytes; NULL without memory. */
struct view_memory *view_memory_new(void);
void view_memory_free(struct view_memory *memory);

/* Is there anything to decode at s? */
bool view_needed(const unsigned char *s, size_t n);
/*
 * Fill *r with the decoded view of the raw record; it lives until the next call, and
 * CANDIDATES_PAD zeros stand behind it.
 */
void view_make(struct view_memory *memory, struct record *r, const unsigned char *s, size_t n);
/*
 * The bytes of that view alone, of what stands around the escape at s[at] and others close
 * behind it: r->raw[0..raw_n) is the raw text up to the last of them. false: they take more
 * than one round, or go on for long. What is further away looks the same raw: the prefilter and
 * engine_plausible() look VIEW_BEHIND bytes back and VIEW_AHEAD ahead at most, and a run of
 * hex digits that goes on for longer than VIEW_REACH is seen by its middle.
 */
bool view_glance(struct view_memory *memory, struct record *r, const unsigned char *s, size_t n,
		 size_t at);
#define VIEW_REACH 64
#define VIEW_AHEAD 36
#define VIEW_BEHIND 4

#endif
