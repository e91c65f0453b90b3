/*
 * strained_route - see strained_route.h.
 *
 * An application has few templates and names one with each request, so what straining left as
 * it was is known again by its text: the same text under the same rules comes out the same.
 */
#include "strained_route.h"

#include <string.h>

#include "strain.h"

/* Where it is kept, if it is: each text has one place. NULL: it is too long. */
static char *place_of(struct clean_routes *routes, const char *route, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	if (len >= ROUTE_BYTES)
		return NULL;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)route[i]) * 16777619u;
	return routes->texts[(hash ^ hash >> 16) % ROUTES_KEPT];
}

const char *strained_route(struct strainer *strainer, struct arena *arena, const char *route)
{
	struct text in = {route, strlen(route)}, out;
	char *kept = place_of(strainer_routes(strainer), route, in.len);

	if (kept && memcmp(kept, route, in.len + 1) == 0)
		return route;
	if (strain(strainer, arena, SAN_URL, in, &out) != ST_OK)
		return "_OTHER";
	if (out.data != route) {
		const char *clean = arena_copy(arena, out.data, out.len);

		return clean ? clean : "_OTHER";
	}
	if (kept)
		memcpy(kept, route, in.len + 1);
	return route;
}
