/*
 * errand - one POST of JSON with a token, on a connection of its own that ends with it.
 */
#ifndef TAMIS_FORWARD_ERRAND_H
#define TAMIS_FORWARD_ERRAND_H

#include <stdatomic.h>
#include <stddef.h>

#include "status.h"

/* Once, before the first errand. ST_NO_MEMORY. */
MUST_CHECK enum status errand_begin(void);
/*
 * authorization: the header's line. ST_OK: answered with 200. ST_UNAVAILABLE: no connection came
 * about, so nothing arrived. ST_IO: it may have arrived, and was not taken. Blocks for timeout_ms
 * at most, or until another thread sets *given_up.
 */
MUST_CHECK enum status errand_run(const char *url, const char *authorization, const char *json,
				  size_t len, long timeout_ms, const atomic_bool *given_up);

#endif
