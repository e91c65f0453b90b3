/*
 * words - numbers as people read them.
 */
#ifndef TAMIS_WORDS_H
#define TAMIS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_BYTES 32

struct words {
	char text[WORDS_BYTES];
};

/* "3 d 4 h", "12 s": two units at most. */
struct words words_age(int64_t seconds);
/* "27.2 MiB". */
struct words words_bytes(uint64_t bytes);
/* The text without anything that a terminal would obey, cut to size; out. */
const char *words_plain(char *out, size_t size, const char *text);

#endif
