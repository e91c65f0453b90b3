/*
 * refusals - what the programs of tamis would refuse a configuration for at their start.
 *
 * Only looks: makes nothing, asks nobody.
 */
#ifndef TAMIS_REFUSALS_H
#define TAMIS_REFUSALS_H

#include <stddef.h>

#include "config.h"
#include "status.h"

#define REFUSALS_MAX 8

/* How many there are; the reason of each, with its key. */
size_t refusals_take(struct reason whys[REFUSALS_MAX], const struct config *config);

#endif
