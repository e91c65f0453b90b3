/*
 * url - which strings the WHATWG URL parser takes, and nothing more of it.
 */
#ifndef TAMIS_EVENT_URL_H
#define TAMIS_EVENT_URL_H

#include <stdbool.h>

#include "text.h"

/* `new URL(text, "https://localhost")` does not throw. */
bool url_is_valid(struct text text);
/* A host name or address, perhaps with a port, such that "https://" + text is a URL. */
bool url_is_host(struct text text);
/* The path of a URL, absolute or not: without scheme, authority, query, fragment. */
struct text url_path(struct text text);
/* The host of a URL that names one, without user and port; data NULL: it names none. */
struct text url_host(struct text text);

#endif
