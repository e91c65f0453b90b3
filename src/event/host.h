/*
 * host - which texts are the host of a URL.
 */
#ifndef TAMIS_EVENT_HOST_H
#define TAMIS_EVENT_HOST_H

#include <stdbool.h>

/*
 * [p, end) without port. special: of a scheme like http, where it is a name, an IPv4
 * address in any notation or an IPv6 address in brackets; otherwise anything without
 * delimiters. Not empty.
 */
bool host_is_valid(const char *p, const char *end, bool special);

#endif
