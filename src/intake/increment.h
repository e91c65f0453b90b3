/*
 * increment - one JSON object as an increment of a declared counter, or what is wrong with it.
 *
 * What is taken holds nothing of the sender's own words: the name and the source are the
 * registry's, the id is a number or a UUID, the date a day.
 */
#ifndef TAMIS_INTAKE_INCREMENT_H
#define TAMIS_INTAKE_INCREMENT_H

#include <stdint.h>

#include "day.h"
#include "json.h"
#include "registry.h"
#include "thing.h"

#define INCREMENT_COUNT_MAX 1000000u
#define INCREMENT_NAME_BYTES 102 /* a metric, a dot and a step */

struct increment {
	const struct measure *measure;
	char name[INCREMENT_NAME_BYTES];
	char id[THING_BYTES]; /* canonical; "" where the metric has none */
	char day[DAY_BYTES];
	const char *source; /* the registry's; "" where none is said */
	uint64_t count;
};

/* Which field, and what is wrong with it; both constants. field "": the whole. */
struct fault {
	const char *field, *text;
};

/* today: the day that is counted where none is said; the last `past` days may be named too.
 * ST_INVALID, ST_NOT_FOUND (no such metric), ST_DENIED (expired): fault. */
MUST_CHECK enum status increment_read(struct increment *out, const struct registry *registry,
				      const struct json *object, int32_t today, int32_t past,
				      struct fault *fault);

/* A field that is not taken, told by its name only where that is one of those listed. */
enum status increment_unknown(const struct json *member, struct fault *fault);

#endif
