/*
 * text - pieces of text with a length, and a writer of them into an arena.
 *
 * A writer's errors are sticky: after a failure (the arena's cap) it takes nothing
 * more and writer_ok() is false, so one look at the end suffices.
 */
#ifndef TAMIS_EVENT_TEXT_H
#define TAMIS_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct text {
	const char *data; /* NULL: there is none */
	size_t len;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

/* Characters as JavaScript counts them (UTF-16 units), or as PostgreSQL does. */
enum text_unit { TEXT_UTF16, TEXT_CODE_POINTS };
/* text is UTF-8. */
size_t text_length(struct text text, enum text_unit unit);
/*
 * The longest beginning of at most max characters that ends neither inside a
 * placeholder ("[REDACTED_EMAIL]") nor inside a percent escape or its sequence.
 */
struct text text_cut(struct text text, size_t max, enum text_unit unit);
/* The beginning up to byte end, or a little less for the same reasons. */
struct text text_shorten(struct text text, size_t end);
/* The byte that the percent escape at i stands for; -1: there is none. */
int text_escape(struct text text, size_t i);
bool text_is(struct text text, const char *value);
/* How many bytes at the beginning stand for themselves in JSON and are ASCII. */
size_t text_plain(const char *data, size_t len);

struct writer {
	struct arena *arena;
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

/* expected: bytes that will probably do. */
void writer_init(struct writer *writer, struct arena *arena, size_t expected);
bool writer_ok(const struct writer *writer);
/* Room for len bytes more, or NULL and the writer has failed; then add to writer->len. */
char *writer_room(struct writer *writer, size_t len);
void writer_add(struct writer *writer, const char *data, size_t len);
void writer_addc(struct writer *writer, char c);
/* With quotes, escaped as JSON.stringify does; text is UTF-8 and may hold NUL. */
void writer_json(struct writer *writer, struct text text);
struct text writer_text(const struct writer *writer);

#define writer_lit(writer, literal) writer_add((writer), (literal), sizeof(literal) - 1)

/* text where it is UTF-8, else a copy with U+FFFD for what is not; data NULL: no memory. */
struct text text_utf8(struct arena *arena, const char *data, size_t len);

#endif
