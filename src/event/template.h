/*
 * template - the path template of a clean URL: "/orders/4711?x=1" is "/orders/{id}".
 */
#ifndef TAMIS_EVENT_TEMPLATE_H
#define TAMIS_EVENT_TEMPLATE_H

#include <stddef.h>

#include "text.h"

#define TEMPLATE_MAX 200	/* bytes */
#define TEMPLATE_SEGMENTS_MAX 8 /* what lies deeper is folded into a last segment "…" */

/*
 * Placeholders become their class, "[REDACTED_EMAIL]" is "{email}"; numbers, UUIDs,
 * long hex and other names that look made by a machine become "{id}". No query, no
 * fragment, no slash at the end. Returns the length, without NUL; 0: no URL.
 */
size_t template_make(char out[TEMPLATE_MAX], struct text url);

#endif
