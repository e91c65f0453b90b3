/*
 * router - from path and method to one of the endpoints in routes.def.
 *
 * Mounted below a script of its own (/stats/api/send: SCRIPT_NAME /stats, PATH_INFO
 * /api/send) a request is found by its path info. tracker.* gives three of the paths a second
 * name.
 */
#include <string.h>

#include "endpoint.h"

struct route {
	const char *path;
	unsigned methods;
	const char *allow;
	enum sharing sharing;
	endpoint_fn *answer;
};

static const struct route routes[] = {
#define ROUTE(path, methods, allow, sharing, answer)                                               \
	{path, methods, "Allow: " allow "\r\n", sharing, answer},
#include "routes.def"
#undef ROUTE
};

/* slash: the path is the route's but for a slash at its end. */
static const struct route *route_find(const char *path, bool *slash)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		size_t len = strlen(routes[i].path);

		if (strncmp(path, routes[i].path, len) != 0)
			continue;
		*slash = path[len] == '/' && path[len + 1] == '\0';
		if (path[len] == '\0' || *slash)
			return &routes[i];
	}
	return NULL;
}

/*
 * Names of the site's own and the paths they stand for. /api/send stays for who knows no other
 * name; the script does not, for it finds its way from where it lies by its configured name.
 */
struct alias {
	const char *key, *name, *path;
	bool both;
};

#define ALIASES 3

static void aliases_read(struct alias aliases[ALIASES], const struct config *config)
{
	aliases[0] =
	    (struct alias){"tracker.script_path", config->tracker_script_path, "/script.js", false};
	aliases[1] =
	    (struct alias){"tracker.collect_path", config->tracker_collect_path, "/api/send", true};
	aliases[2] =
	    (struct alias){"tracker.pixel_path", config->tracker_pixel_path, "/pixel.gif", false};
}

enum status routes_check(const struct config *config, struct reason *why)
{
	struct alias aliases[ALIASES];

	aliases_read(aliases, config);
	for (size_t i = 0; i < ALIASES; i++) {
		const struct alias *alias = &aliases[i];
		bool slash;

		if (strcmp(alias->name, alias->path) == 0)
			continue;
		if (route_find(alias->name, &slash))
			return reason_set(why, ST_CONFIG, "%s: tamis answers %s already",
					  alias->key, alias->name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(alias->name, aliases[k].name) == 0)
				return reason_set(why, ST_CONFIG, "%s: %s has that name already",
						  alias->key, aliases[k].key);
	}
	return ST_OK;
}

/* The route of a path under this configuration. */
static const struct route *path_find(const struct config *config, const char *path, bool *slash)
{
	const struct route *route = route_find(path, slash);
	struct alias aliases[ALIASES];

	aliases_read(aliases, config);
	for (size_t i = 0; i < ALIASES; i++) {
		const struct alias *alias = &aliases[i];

		if (strcmp(path, alias->name) == 0)
			return route_find(alias->path, slash);
		if (route && !alias->both && strcmp(route->path, alias->path) == 0)
			return strcmp(alias->name, alias->path) == 0 ? route : NULL;
	}
	return route;
}

/* An origin of cors.origins, never the request's own text. */
static const char *listed_origin(const struct config_list *origins, const char *origin)
{
	for (size_t i = 0; origin && i < origins->n; i++)
		if (strcmp(origins->items[i], origin) == 0)
			return origins->items[i];
	return NULL;
}

static const struct route *find(const struct exchange *exchange, bool *slash)
{
	const struct config *config = exchange->service->config;
	const struct route *route = path_find(config, exchange->request->path, slash);

	return route ? route : path_find(config, exchange->request->path_info, slash);
}

void route_answer(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	struct response *response = exchange->response;
	const struct config_list *origins = &exchange->service->config->cors_origins;
	const struct route *route;
	bool slash;

	route = find(exchange, &slash);
	if (route)
		response->sharing = route->sharing;
	else if (strncmp(request->path, "/api/", 5) == 0)
		response->sharing = SHARE_API;
	response->lists_origins = origins->n > 0;
	response->origin = listed_origin(origins, request->origin);
	if (!route) {
		response_error(response, 404, "not-found", "Not found.");
	} else if (slash) {
		response->location = route->path;
		response_set(response, 308, route->path);
		response->type = "text/plain";
	} else if (request->method & route->methods) {
		route->answer(exchange);
	} else {
		bool preflight = request->method == METHOD_OPTIONS &&
				 (route->sharing == SHARE_API || route->sharing == SHARE_EVENTS);

		response->code = preflight ? 204 : 405;
		response->headers = route->allow;
	}
}
