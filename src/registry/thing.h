/*
 * thing - what names the thing that is counted: an integer or a UUID.
 */
#ifndef TAMIS_REGISTRY_THING_H
#define TAMIS_REGISTRY_THING_H

#include <stdbool.h>
#include <stddef.h>

#define THING_BYTES 37

/*
 * text as an id of the kind, EVENT_ID_INTEGER (0 to 2^63 - 1 without leading zeros) or
 * EVENT_ID_UUID (in small letters); EVENT_ID_NONE takes the empty text alone.
 */
bool thing_read(char out[THING_BYTES], unsigned kind, const char *text, size_t len);

#endif
