/*
 * query - parameters of a URL's query that Umami keeps in columns of their own.
 */
#ifndef TAMIS_EVENT_QUERY_H
#define TAMIS_EVENT_QUERY_H

#include <stdbool.h>

#include "text.h"

#define QUERY_VALUE_LONGEST 255 /* characters after decoding; more is a 500 of Umami's */

/* url with utm_* and click ids no longer than that; data NULL: no memory. */
struct text query_cut(struct arena *arena, struct text url, bool *cut);

#endif
