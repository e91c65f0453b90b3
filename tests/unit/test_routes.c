/*
 * Routes: templates match by segments, the table is bounded, templates come first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "lanes.h"
#include "stub_clean.h"

static void test_matches(void **state)
{
	(void)state;
	assert_true(route_matches("/orders/{id}", "/orders/17"));
	assert_true(route_matches("/orders/{id}", "/orders/{id}"));
	assert_true(route_matches("/orders/{id}/items", "/orders/x/items"));
	assert_true(route_matches("/{a}/{b}", "/x/y"));
	assert_true(route_matches("/about", "/about"));
	assert_false(route_matches("/orders/{id}", "/orders/"));
	assert_false(route_matches("/orders/{id}", "/orders"));
	assert_false(route_matches("/orders/{id}", "/orders/17/items"));
	assert_false(route_matches("/orders/{id}/items", "/orders//items"));
	assert_false(route_matches("/about", "/about/"));
	assert_false(route_matches("/a{b}", "/ax"));
}

static uint32_t find(struct routes *routes, struct route_cache *cache, const char *text)
{
	uint32_t slot = route_find(routes, cache, text);

	assert_int_equal(slot, route_find(routes, cache, text));
	return slot;
}

static void test_bounded(void **state)
{
	static const char *const templates[] = {"/orders/{id}", "/users/{id}"};
	struct config_list list = {2, templates};
	char path[] = "/tmp/test_routes.XXXXXX", route[32];
	struct route_cache *cache = calloc(1, sizeof *cache), *other = calloc(1, sizeof *other);
	struct map_source from = {.path = path, .routes = 16};
	struct routes routes;
	struct map map;
	size_t len;
	uint32_t slot;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(map_open(&map, &from, NULL), ST_OK);
	assert_int_equal(routes_open(&routes, &map, &list, 10), ST_OK);
	for (int i = 0; i < 8; i++) {
		snprintf(route, sizeof route, "/page/%d", i);
		assert_int_not_equal(find(&routes, cache, route), ROUTE_OTHER);
	}
	assert_int_equal(find(&routes, cache, "/page/8"), ROUTE_OTHER);
	assert_int_equal(find(&routes, cache, ""), ROUTE_OTHER);
	slot = find(&routes, cache, "/orders/17");
	assert_int_not_equal(slot, ROUTE_OTHER);
	assert_int_equal(find(&routes, cache, "/orders/18"), slot);
	assert_int_equal(find(&routes, other, "/orders/{id}"), slot);
	assert_int_equal(find(&routes, other, "/page/3"), find(&routes, cache, "/page/3"));
	assert_memory_equal(route_text(&map, slot, &len), "/orders/{id}", 12);
	assert_int_equal(len, 12);
	routes_close(&routes);
	map_close(&map);
	unlink(path);
	free(cache);
	free(other);
}

static void test_series(void **state)
{
	char path[] = "/tmp/test_routes.XXXXXX";
	struct route_cache *cache = calloc(1, sizeof *cache);
	struct series series = {.kind = SERIES_SERVER, .method = method_find("GET")}, back;
	struct map_source from = {.path = path, .routes = 16};
	struct map map;
	uint32_t place;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(map_open(&map, &from, NULL), ST_OK);
	for (series.status = 1; series.status <= SERIES_MAX; series.status++)
		(void)series_find(&map, cache, series);
	series.status = SERIES_MAX;
	assert_int_equal(series_find(&map, cache, series), 0);
	series.kind = SERIES_CLIENT; /* has room of its own left */
	series.status = 200;
	place = series_find(&map, cache, series);
	assert_int_not_equal(place, 0);
	assert_true(series_read(&map, place, &back));
	assert_int_equal(back.kind, SERIES_CLIENT);
	assert_int_equal(back.status, 200);
	assert_string_equal(method_name(back.method), "GET");
	assert_string_equal(method_name(method_find("BREW")), "_OTHER");
	map_close(&map);
	unlink(path);
	free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
