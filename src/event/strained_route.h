/*
 * strained_route - an application's route, "/orders/{id}": a template is what it should be, but
 * what was typed comes instead of it at times, and nothing of that may be kept.
 */
#ifndef TAMIS_EVENT_STRAINED_ROUTE_H
#define TAMIS_EVENT_STRAINED_ROUTE_H

#include "arena.h"
#include "strainer.h"

/* Strained as a URL; NUL-ended, route itself or in the arena. What cannot be is "_OTHER". */
const char *strained_route(struct strainer *strainer, struct arena *arena, const char *route);

#endif
