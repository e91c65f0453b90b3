/*
 * address - a network address cut to the prefix that may be kept: /24, /48.
 */
#ifndef TAMIS_EVENT_ADDRESS_H
#define TAMIS_EVENT_ADDRESS_H

#include <stddef.h>

#include "text.h"

#define ADDRESS_TEXT_MAX 24

/*
 * IPv4, IPv6 (with zone, in brackets), IPv4 in IPv6; a port may follow. Returns the
 * length of the cut address in out, without NUL; 0: text is no address.
 */
size_t address_cut(char out[ADDRESS_TEXT_MAX], struct text text);

#endif
