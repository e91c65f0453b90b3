/*
 * rulefile - what the rules say that come from files: YAML rules, lists of what
 * may stay, the key of pseudonyms.
 */
#ifndef SANITIZE_RULEFILE_H
#define SANITIZE_RULEFILE_H

#include "cause.h"
#include "rules.h"

#define KEY_BYTES 16

/* Feed every scalar of a YAML file to the rules; a cause names line and key. */
MUST_CHECK int rulefile_yaml(struct rules *rules, const char *path, struct cause *cause);
/* Once more, if rules of this file were refused: -1 if one's own pattern is why, and its line. */
MUST_CHECK int rulefile_blame_own(const char *path, struct cause *cause);
/* One literal or CIDR per line; empty lines and those that begin with # are skipped. */
MUST_CHECK int rulefile_allow(struct rules *rules, const char *path, struct cause *cause);
/* 16 raw bytes or 32 hexadecimal digits; refused if others than the owner can read the file. */
MUST_CHECK int rulefile_key(unsigned char key[KEY_BYTES], const char *path, struct cause *cause);

#endif
