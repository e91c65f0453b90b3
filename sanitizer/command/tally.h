/*
 * tally - how much was taken, by class and by what else takes.
 */
#ifndef SANITIZE_TALLY_H
#define SANITIZE_TALLY_H

#include <stdint.h>
#include <stdio.h>

#include "sanitizer.h"

struct tally {
	uint64_t classes[SAN_CLASSES];
	uint64_t fields;   /* replaced or dropped by --field */
	uint64_t dropped;  /* records */
	uint64_t withheld; /* records that could not be cut as asked */
	uint64_t broken;   /* records of JSON that are none; only if the plan wants it */
};

void tally_add(struct tally *sum, const struct tally *part);
uint64_t tally_total(const struct tally *tally);
/* "email 2, ip 1", nothing for classes without any. */
void tally_print(FILE *out, const struct tally *tally);

#endif
