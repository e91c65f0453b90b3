/*
 * directive - lines of a configuration, and the words that they are of.
 */
#ifndef SANITIZER_DIRECTIVE_H
#define SANITIZER_DIRECTIVE_H

#include "value.h"

/* The next word of a line from *at on; *at moves behind it. Length 0: there is none. */
size_t word_next(const struct record *r, size_t *at, size_t *start);
/* Does `word`, in lower case, stand at `at` in any case, with something behind it? */
bool word_folded(const struct record *r, size_t at, const char *word);
/* The word at i, its quotes outside, is a password; not behind the end of a string of JSON. */
bool word_taken(struct san_scanner *scanner, struct record *r, size_t i, const char *rule);

/* `requirepass x`; named: `ENV NAME x`, `SetEnv NAME x`. */
bool directive_at(struct san_scanner *scanner, struct record *r, size_t at, bool named);
bool define_at(struct san_scanner *scanner, struct record *r, size_t at);
bool config_at(struct san_scanner *scanner, struct record *r, size_t at);
/* ` -password x`, at its blank. */
bool flag_at(struct san_scanner *scanner, struct record *r, size_t at);
/* `proxy_set_header X-Api-Key x;`, `RequestHeader set X-Api-Key x`, `fastcgi_param PW x;` */
bool header_at(struct san_scanner *scanner, struct record *r, size_t at);

#endif
