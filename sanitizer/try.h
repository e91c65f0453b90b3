/*
 * try - the detectors with code of their own: each tries at `at` and says whether it took
 * something.
 */
#ifndef SANITIZER_TRY_H
#define SANITIZER_TRY_H

#include "engine.h"

bool email_at(struct san_scanner *scanner, struct record *r, size_t at);
bool userinfo_at(struct san_scanner *scanner, struct record *r, size_t at);
bool ip4_at(struct san_scanner *scanner, struct record *r, size_t at);
bool ip6_at(struct san_scanner *scanner, struct record *r, size_t at);
bool hex_at(struct san_scanner *scanner, struct record *r, size_t at);
bool jwt_at(struct san_scanner *scanner, struct record *r, size_t at);
bool login_at(struct san_scanner *scanner, struct record *r, size_t at);
/* `at` is a separator behind a name, or what leads to one: see prefilter_kernel.inc. */
bool name_at(struct san_scanner *scanner, struct record *r, size_t at);
/* The end of the dotted quad at `at`, 0 if none; needs no more of the record than its line. */
size_t ip4_end(const struct record *r, size_t at);
/* Where the address or long run around `at` would begin. */
size_t ip6_start(const struct record *r, size_t at);
size_t hex_start(const struct record *r, size_t at);
/* A secret value that the segment before left open takes the beginning of this one. */
void value_continue(struct san_scanner *scanner, struct record *r);

#endif
