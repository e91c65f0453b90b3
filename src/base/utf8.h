/*
 * utf8 - where a well-formed sequence ends (RFC 3629: no surrogates, no overlong
 * forms, nothing above U+10FFFF).
 */
#ifndef TAMIS_BASE_UTF8_H
#define TAMIS_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the sequence that data starts with, 1 to 4; 0: not well-formed, or cut. */
size_t utf8_sequence(const char *data, size_t len);

#endif
