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
 * The bytes of that view alone, for a look at what may stand in it. false: they take more
 * than one round.
 */
bool view_glance(struct view_memory *memory, struct record *r, const unsigned char *s, size_t n);

#endif
