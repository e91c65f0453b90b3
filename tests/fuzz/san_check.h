/*
 * san_check - what must hold for every input of the sanitizer, whatever it is.
 *
 * A broken promise ends the process by MUST() of fuzz.h.
 */
#ifndef TAMIS_TEST_SAN_CHECK_H
#define TAMIS_TEST_SAN_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "sanitizer.h"

struct san_check; /* one rule set, a scanner and room for outputs */

/* options NULL: the defaults with addresses redacted. Ends the process without memory. */
struct san_check *san_check_new(const struct san_options *options);
void san_check_free(struct san_check *check);

/*
 * Spans ascend and do not overlap; the output is the input but for them; a buffer that
 * is too small is told its size; valid JSON stays valid.
 */
void san_check_whole(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size);
/* Cleaning what was cleaned changes nothing. */
void san_check_twice(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size);
/* A stream's output is that of the whole, wherever `seed` cuts it. */
void san_check_stream(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size,
		      uint64_t seed);

/* The output of the last check, borrowed. */
const char *san_check_output(const struct san_check *check, size_t *len);

/* The next number of a sequence (xorshift); the seed is not 0. */
uint64_t san_check_random(uint64_t *seed);

#endif
