/*
 * strained_route - see strained_route.h.
 */
#include "strained_route.h"

#include <string.h>

#include "strain.h"

const char *strained_route(struct strainer *strainer, struct arena *arena, const char *route)
{
	struct text in = {route, strlen(route)}, out;
	const char *clean = NULL;

	if (strain(strainer, arena, SAN_URL, in, &out) == ST_OK)
		clean = out.data == route ? route : arena_copy(arena, out.data, out.len);
	return clean ? clean : "_OTHER";
}
