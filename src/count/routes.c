/*
 * routes - see routes.h.
 *
 * A series slot is bit 63 | kind << 40 | route slot << 16 | method << 12 | status: whole in
 * one word, so it needs no text. The last SERIES_CLIENT_ROOM places are left to the
 * upstream's series, so that many routes cannot push those out.
 */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#define IN_USE (UINT64_C(1) << 63)
#define SERIES_CLIENT_ROOM 64

static const char *const methods[] = {"_OTHER", "GET",	   "HEAD",    "POST",  "PUT",
				      "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
#define METHODS (sizeof methods / sizeof *methods)

unsigned method_find(const char *method)
{
	for (unsigned i = 1; i < METHODS; i++)
		if (strcmp(method, methods[i]) == 0)
			return i;
	return 0;
}

const char *method_name(unsigned method)
{
	return methods[method < METHODS ? method : 0];
}

static uint64_t slot_word(const struct map *map, uint64_t at)
{
	return atomic_load_explicit(&map->words[at], memory_order_acquire);
}

static const char *text_at(const struct map *map, uint64_t word, size_t *len)
{
	uint64_t offset = (word & ~IN_USE) >> 16;

	*len = word & 0xffff;
	if (*len > TEXT_MAX || offset + *len > map->layout.text_bytes)
		return NULL; /* damaged file: nothing rather than a read out of bounds */
	return map->base + map->layout.text * 8 + offset;
}

const char *route_text(const struct map *map, uint32_t slot, size_t *len)
{
	uint64_t word;

	if (slot == ROUTE_OTHER) {
		*len = strlen(ROUTE_OTHER_TEXT);
		return ROUTE_OTHER_TEXT;
	}
	if (slot >= map->layout.route_slots)
		return NULL; /* as above */
	word = slot_word(map, map->layout.routes + slot);
	return word ? text_at(map, word, len) : NULL;
}

/* A slot word for the text, 0 when the file has no room for it. */
static uint64_t text_put(const struct map *map, const char *text, size_t len)
{
	uint64_t offset = atomic_fetch_add_explicit(&map->words[AT_TEXT_NEXT],
						    (len + 7) & ~UINT64_C(7), memory_order_relaxed);

	if (offset + len > map->layout.text_bytes)
		return 0;
	memcpy(map->base + map->layout.text * 8 + offset, text, len);
	return IN_USE | offset << 16 | len;
}

static bool text_equals(const struct map *map, uint64_t word, const char *text, size_t len)
{
	size_t have;
	const char *at;

	if ((word & 0xffff) != len)
		return false;
	at = text_at(map, word, &have);
	return at && memcmp(at, text, len) == 0;
}

/* The slot in [first, end) that holds the text, or is made to; ROUTE_OTHER if there is none. */
static uint32_t slot_find(const struct map *map, uint32_t first, uint32_t end, const char *text,
			  size_t len)
{
	uint64_t mine = 0;

	for (uint32_t slot = first; slot < end; slot++) {
		_Atomic uint64_t *at = &map->words[map->layout.routes + slot];
		uint64_t word = atomic_load_explicit(at, memory_order_acquire);

		if (!word && !mine)
			mine = text_put(map, text, len);
		if (!word && !mine)
			return ROUTE_OTHER;
		if (!word && atomic_compare_exchange_strong(at, &word, mine))
			return slot;
		if (text_equals(map, word, text, len))
			return slot;
	}
	return ROUTE_OTHER;
}

bool route_matches(const char *template, const char *route)
{
	const char *t = template, *r = route;

	while (*t && *r) {
		if (*t == '{' && t != template && t[-1] == '/') {
			if (*r == '/')
				return false;
			t += strcspn(t, "/");
			r += strcspn(r, "/");
		} else if (*t++ != *r++) {
			return false;
		}
	}
	return !*t && !*r;
}

static uint64_t route_hash(const struct map *map, const char *text, size_t len)
{
	uint64_t hash = map_get(map, AT_EPOCH) ^ len * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < len; i += 8) {
		uint64_t piece = 0;

		memcpy(&piece, text + i, len - i < 8 ? len - i : 8);
		hash = (hash ^ piece) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	return hash | 1;
}

static uint32_t route_look_up(const struct routes *routes, const char *route, size_t len)
{
	for (size_t i = 0; i < routes->n; i++)
		if (route_matches(routes->templates[i].text, route))
			return routes->templates[i].slot;
	return slot_find(routes->map, 1 + TEMPLATES_MAX, routes->end, route, len);
}

uint32_t route_find(const struct routes *routes, struct route_cache *cache, const char *route)
{
	size_t len = strlen(route);
	uint64_t hash;
	size_t i;

	if (len == 0 || len > TEXT_MAX)
		return ROUTE_OTHER;
	/* A 64-bit hash seeded by the random epoch stands for the text: a miscount needs 2^32
	 * routes. */
	hash = route_hash(routes->map, route, len);
	i = (hash >> 32) % ROUTE_CACHE;
	if (cache->routes[i].hash != hash) {
		cache->routes[i].slot = route_look_up(routes, route, len);
		cache->routes[i].hash = hash;
	}
	return cache->routes[i].slot;
}

enum status routes_open(struct routes *routes, struct map *map, const struct config_list *templates,
			uint64_t max)
{
	uint64_t used = 0;

	*routes = (struct routes){.map = map};
	routes->templates = calloc(templates->n + 1, sizeof *routes->templates);
	if (!routes->templates)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < templates->n && map->writable; i++) {
		const char *text = templates->items[i];
		struct route_template *template = &routes->templates[routes->n];

		template->slot = strlen(text) > TEXT_MAX
				     ? ROUTE_OTHER
				     : slot_find(map, 1, 1 + TEMPLATES_MAX, text, strlen(text));
		template->text = strdup(text);
		if (!template->text)
			return ST_NO_MEMORY;
		routes->n++;
	}
	while (used < TEMPLATES_MAX && slot_word(map, map->layout.routes + 1 + used))
		used++;
	max = max > used ? max - used : 0;
	if (max > map->layout.route_slots - 1 - TEMPLATES_MAX)
		max = map->layout.route_slots - 1 - TEMPLATES_MAX;
	routes->end = 1 + TEMPLATES_MAX + (uint32_t)max;
	return ST_OK;
}

void routes_close(struct routes *routes)
{
	for (size_t i = 0; i < routes->n; i++)
		free(routes->templates[i].text);
	free(routes->templates);
	*routes = (struct routes){0};
}

bool series_read(const struct map *map, uint32_t place, struct series *series)
{
	uint64_t word = slot_word(map, map->layout.series + place);

	if (!word && place != 0)
		return false;
	if (place == 0)
		word = (uint64_t)SERIES_SERVER << 40;
	series->kind = (enum series_kind)(word >> 40 & 3);
	series->slot = (uint32_t)(word >> 16 & 0xffffff);
	series->method = word >> 12 & 0xf;
	series->status = word & 0xfff;
	return true;
}

uint32_t series_find(const struct map *map, struct route_cache *cache, struct series series)
{
	uint64_t key = IN_USE | (uint64_t)series.kind << 40 | (uint64_t)series.slot << 16 |
		       series.method << 12 | series.status;
	uint32_t end = series.kind == SERIES_CLIENT ? SERIES_MAX : SERIES_MAX - SERIES_CLIENT_ROOM;
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % SERIES_CACHE;
	uint32_t place;

	if (cache->series[i].key == key)
		return cache->series[i].place;
	for (place = 1; place < end; place++) {
		_Atomic uint64_t *at = &map->words[map->layout.series + place];
		uint64_t word = atomic_load_explicit(at, memory_order_acquire);

		if (!word && atomic_compare_exchange_strong(at, &word, key))
			break;
		if (word == key)
			break;
	}
	cache->series[i].key = key;
	cache->series[i].place = place < end ? place : 0;
	return cache->series[i].place;
}
