/*
 * quoting - strings as programs write them.
 */
#ifndef SANITIZER_QUOTING_H
#define SANITIZER_QUOTING_H

#include "value.h"

/* Is s[i] encoded deeper than the separator is? */
static inline bool deep(const struct record *r, size_t i, size_t sep)
{
	return percent_level(r, i) > percent_level(r, sep);
}

/* The quote that closes the one at `open`, not encoded deeper; r->n: none. */
size_t closing_quote(const struct record *r, size_t open);
/* The same, and `''` inside of `'…'` does not close it, as in SQL and YAML. */
size_t string_end(const struct record *r, size_t open);
/* Can the quote at i close a string? */
bool quote_ends(const struct record *r, size_t i);
/*
 * The quote of `b'x'`, `u"x"`, `N'x'`, `$'x'`, `@"x"`: letters say how it is read; and of
 * PowerShell's `ConvertTo-SecureString "x"`; or i.
 */
size_t prefixed_quote(const struct record *r, size_t i);
/* `{"`, `{ '`: what an object begins with, whose first key's marks *p gets. */
bool object_begins(const struct record *r, size_t i, struct pair *p);
/* Does the name stand behind a bracket that nothing closed: `[token=x]`? */
bool bracket_opens(const struct record *r, const struct pair *p);
/* `session=<q1w2e3r4t5y6>`; `<api-key>` is what a manual says instead. 0: none. */
size_t angled_end(const struct record *r, const struct pair *p, size_t at);
#define ANGLED_MIN 8 /* bytes of such a value */
/* `auth=("ada", "x")` goes whole, to the end of its line where nothing closes it. 0: it is none. */
size_t tuple_end(const struct record *r, const struct pair *p, size_t i);
/*
 * The string that a call begins with: `String::from("x")`. False: there is none. What is only
 * converted, `[]byte("x")`, may be any string.
 */
bool string_in_call(const struct record *r, size_t i, struct bounds *string);
/* The quote of a string that is joined to the one before, `"x" + "y"`, or follows by `->`; 0. */
size_t joined_quote(const struct record *r, size_t open, size_t close);
/* `["password"]=> string(7) "x"`, as PHP dumps it: the quote; else `i`. */
size_t behind_dump(const struct record *r, size_t i);
/* Blanks and base64, as LDIF has it behind `userPassword::`, no word. */
bool encoded_follows(const struct record *r, size_t at);

#endif
