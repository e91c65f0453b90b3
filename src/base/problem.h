/*
 * problem - what is wrong with an input, as places and messages.
 *
 * Filled by a parser, printed by whoever answers. Both strings of an item are made by
 * the program, never of input; a place with an index lives in the parser's arena. Holds at most
 * PROBLEM_ITEMS_MAX; more are dropped (the first ones are what a developer mends first).
 */
#ifndef TAMIS_BASE_PROBLEM_H
#define TAMIS_BASE_PROBLEM_H

#include <stddef.h>

#define PROBLEM_ITEMS_MAX 24

struct problem {
	size_t n;
	struct problem_item {
		const char *place;   /* "payload.website"; "" is the whole, "[3]" element 3 of it */
		const char *message; /* "Invalid UUID" */
	} items[PROBLEM_ITEMS_MAX];
};

void problem_add(struct problem *problem, const char *place, const char *message);

#endif
