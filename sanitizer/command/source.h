/*
 * source - where bytes come from: a descriptor, decompressed if its first bytes say so.
 *
 * Reads return what is there rather than wait for more, so that lines of a
 * pipe are not held back.
 */
#ifndef SANITIZE_SOURCE_H
#define SANITIZE_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

#include "codec.h"

struct source;

/* fd stays the caller's. Reads the first bytes. */
MUST_CHECK int source_open(struct source **out, int fd, struct cause *cause);
void source_close(struct source *source);
/* 1..cap bytes, 0 at the end, -1. cap > 0. */
MUST_CHECK ssize_t source_read(struct source *source, char *out, size_t cap, struct cause *cause);
/* NULL: plain. */
const struct codec *source_codec(const struct source *source);
/* Was all of it read, rather than left off after a signal? */
bool source_ended(const struct source *source);
/* Bytes taken from the descriptor so far. */
uint64_t source_taken(const struct source *source);

#endif
