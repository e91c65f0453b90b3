/*
 * registry - the controlled vocabulary: what may be counted, why, for whom, until when.
 *
 * Immutable once read; anything not in it cannot be counted.
 */
#ifndef TAMIS_REGISTRY_H
#define TAMIS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dimension.h"
#include "status.h"

struct registry;

enum { EVENT_ID_NONE, EVENT_ID_INTEGER, EVENT_ID_UUID };
enum { READ_TEAM, READ_RELEASED };
enum { MECHANISM_NONE, MECHANISM_LAPLACE, MECHANISM_KRR };
enum { NOISE_LAPLACE, NOISE_GAUSSIAN };
enum { DOMAIN_JOINT, DOMAIN_SPLIT };
enum { CHANGE_NONE, CHANGE_UP, CHANGE_DOWN };

struct measure {
	const char *name;
#define FIELD_TEXT const char * /* "" where it is not said */
#define FIELD_WORD const char *
#define FIELD_WORDS struct values
#define FIELD_DATE int32_t /* day.h; DAY_NEVER where it is not said */
#define FIELD_FLAG bool
#define FIELD_CHOICE unsigned
#define FIELD_NUMBER uint64_t
#define FIELD_MICRO uint64_t
#define FIELD_PICO uint64_t
#define FIELD_DIMENSIONS struct dimensions
#define FIELD(member, type, key, needed, values, help) FIELD_##type member;
#include "registry.def"
#undef FIELD
#undef FIELD_TEXT
#undef FIELD_WORD
#undef FIELD_WORDS
#undef FIELD_DATE
#undef FIELD_FLAG
#undef FIELD_CHOICE
#undef FIELD_NUMBER
#undef FIELD_MICRO
#undef FIELD_PICO
#undef FIELD_DIMENSIONS
};

/*
 * ST_OK: caller owns *out and ends it with registry_close(). ST_CONFIG: why names file,
 * line, metric and field of the first thing wrong, never a value. ST_NOT_FOUND, ST_IO.
 */
MUST_CHECK enum status registry_open(struct registry **out, const char *path, struct reason *why);
void registry_close(struct registry *registry);
/* All that is wrong with it, a line each, today's expiries and reviews included; *n lines. */
MUST_CHECK enum status registry_lint(const char *path, int32_t today, struct buf *out, size_t *n,
				     struct reason *why);

/*
 * The terms that a report is taken under: domain version, bounds, mechanism, epsilon at the
 * client. Reports of other terms than those in force are in no release: noise that is
 * measured by one bound does not hide what was collected under another.
 */
#define TERMS_BYTES 33
void measure_terms(char terms[TERMS_BYTES], const struct measure *measure);

size_t registry_size(const struct registry *registry);
const struct measure *registry_at(const struct registry *registry, size_t i);
/* By name; of "NAME.STEP" the metric, with *step its step. NULL: not declared. */
const struct measure *registry_find(const struct registry *registry, const char *name,
				    const char **step);

#endif
