/*
 * document - the strings of a JSON document, and where the one around a place ends.
 *
 * To be asked in ascending order: all questions together read a record once.
 */
#ifndef SANITIZER_DOCUMENT_H
#define SANITIZER_DOCUMENT_H

#include "piece.h"

/*
 * Where the string ends in which both the name that ends at `name_end` and its value at
 * `at` stand; r->n: they do not stand in one.
 */
size_t string_limit(struct record *r, size_t name_end, size_t at);
/* Does a string go around `at`? */
bool in_string(struct record *r, size_t at);
/* Does the record end inside a string? */
bool string_open(const struct record *r);
/* Does a string begin or end between `start` and `end`? */
bool string_crossed(struct record *r, size_t start, size_t end);
/* piece_put() of each part of [start, end) that is in a string: the document stays one. */
void string_parts(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
		  enum san_class san_class, const char *rule);

#endif
