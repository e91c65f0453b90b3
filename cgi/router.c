/*
 * router - from path and method to one of the endpoints in routes.def.
 *
 * Mounted below a script of its own (/stats/api/send: SCRIPT_NAME /stats, PATH_INFO
 * /api/send) a request is found by its path info.
 */
#include <string.h>

#include "endpoint.h"

struct route {
	const char *path;
	unsigned methods;
	const char *allow;
	bool api;
	endpoint_fn *answer;
};

static const struct route routes[] = {
#define ROUTE(path, methods, allow, api, answer)                                                   \
	{path, methods, "Allow: " allow "\r\n", api, answer},
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

void route_answer(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	struct response *response = exchange->response;
	const struct route *route;
	bool slash;

	route = route_find(request->path, &slash);
	if (!route)
		route = route_find(request->path_info, &slash);
	response->api = route ? route->api : strncmp(request->path, "/api/", 5) == 0;
	if (!route) {
		response_error(response, 404, "not-found", "Not found.");
	} else if (slash) {
		response->location = route->path;
		response_set(response, 308, route->path);
		response->type = "text/plain";
	} else if (request->method & route->methods) {
		route->answer(exchange);
	} else {
		response->code = request->method == METHOD_OPTIONS && route->api ? 204 : 405;
		response->headers = route->allow;
	}
}
