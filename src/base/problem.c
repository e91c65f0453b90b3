/*
 * problem - a bounded list of places and messages.
 */
#include "problem.h"

void problem_add(struct problem *problem, const char *place, const char *message)
{
	if (problem->n == PROBLEM_ITEMS_MAX)
		return;
	problem->items[problem->n].place = place;
	problem->items[problem->n].message = message;
	problem->n++;
}
