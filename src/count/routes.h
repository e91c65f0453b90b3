/*
 * routes - the bounded tables that all lanes share: routes, and series of histograms.
 *
 * A slot is one word, set once by compare-and-swap at the first free place, so it is
 * there or not whatever is killed when; a route's text is written before its slot is
 * set (a kill in between wastes that text). Each lane remembers what it found.
 */
#ifndef TAMIS_COUNT_ROUTES_H
#define TAMIS_COUNT_ROUTES_H

#include "config.h"
#include "map.h"

#define ROUTE_OTHER 0
#define ROUTE_OTHER_TEXT "__other__"
#define ROUTE_CACHE 2048
#define SERIES_CACHE 512

/* This process' templates, in the order of the configuration, and the bound. */
struct routes {
	struct map *map;
	size_t n;
	struct route_template {
		char *text;
		uint32_t slot;
	} * templates;
	uint32_t end; /* dynamic slots lie before it */
};

/* One lane's memory of both tables. */
struct route_cache {
	struct {
		uint64_t hash;
		uint32_t slot;
	} routes[ROUTE_CACHE];
	struct {
		uint64_t key;
		uint32_t place;
	} series[SERIES_CACHE];
};

/* Templates that have no slot yet get one. max: bound on all slots in use. */
MUST_CHECK enum status routes_open(struct routes *routes, struct map *map,
				   const struct config_list *templates, uint64_t max);
void routes_close(struct routes *routes);

/* The slot that counts the route, ROUTE_OTHER when there is no place. */
uint32_t route_find(const struct routes *routes, struct route_cache *cache, const char *route);
/* Text of a slot, not terminated; NULL where the slot is free. */
const char *route_text(const struct map *map, uint32_t slot, size_t *len);
/* "/orders/{id}" takes "/orders/17" and itself. */
bool route_matches(const char *template, const char *route);

enum series_kind { SERIES_SERVER = 1, SERIES_CLIENT = 2 };

/* What a series slot says; status 0: none. */
struct series {
	enum series_kind kind;
	uint32_t slot;
	unsigned method;
	unsigned status;
};

/* Place of the series; 0, which is the server's series of everything else, when full. */
uint32_t series_find(const struct map *map, struct route_cache *cache, struct series series);
bool series_read(const struct map *map, uint32_t place, struct series *series);
/* Index into the known methods, and back. */
unsigned method_find(const char *method);
const char *method_name(unsigned method);

#endif
