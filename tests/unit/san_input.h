/*
 * san_input - inputs for the sanitizer that are likely to matter: pieces of every class,
 * what only looks like them, encodings, separators and noise, put together at random.
 */
#ifndef TAMIS_TEST_SAN_INPUT_H
#define TAMIS_TEST_SAN_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Pieces, NULL-ended: beginnings, near matches, whole values, separators. */
extern const char *const san_pieces[];

/* A token as row i of apikey.def describes it; 0 behind the last row. cap at least 8192. */
size_t san_key_example(size_t i, uint64_t *seed, char *out, size_t cap);
/* The literal that leads to row i. */
const char *san_key_anchor(size_t i);

/* At most cap bytes, often far less. */
size_t san_input(uint64_t *seed, char *out, size_t cap);

uint64_t san_random(uint64_t *seed);

#endif
