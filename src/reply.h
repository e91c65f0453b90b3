/*
 * reply - one increment of a program in process, as it may leave the device: the registry's own
 * values, answered at random where the registry says so.
 */
#ifndef TAMIS_REPLY_H
#define TAMIS_REPLY_H

#include "entropy.h"
#include "registry.h"

#define REPLY_DIMENSIONS_MAX 8 /* as many dimensions a metric may have */

struct reply {
	const struct measure *measure;
	const char *values[REPLY_DIMENSIONS_MAX]; /* the registry's, one a dimension */
};

/*
 * pairs: "name=value", NULL-ended. *entropy is opened at first need. ST_NOT_FOUND, ST_INVALID: why
 * names the field. ST_IO: no randomness.
 */
MUST_CHECK enum status reply_make(struct reply *out, const struct registry *registry,
				  struct entropy **entropy, const char *metric,
				  const char *const *pairs, struct reason *why);

#endif
