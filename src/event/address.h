/*
 * address - a network address cut to the prefix that may be kept: /24, /48.
 */
#ifndef TAMIS_EVENT_ADDRESS_H
#define TAMIS_EVENT_ADDRESS_H

#include <stddef.h>

#include "net.h"

#define ADDRESS_TEXT_MAX 24

/* Returns the length of the cut address in out, without NUL. */
size_t address_cut(char out[ADDRESS_TEXT_MAX], const struct net_address *address);

#endif
