/*
 * route_report - see route_report.h. Numbers are JSON's, so whole ones are exact below 2^53;
 * a bound far below keeps sums of many reports exact, too.
 */
#include "route_report.h"

#include <math.h>
#include <string.h>

#include "json.h"
#include "number.h"
#include "strained_route.h"

#define NUMBER_MAX 1e15
#define METHOD_MAX 32
#define ROUTE_MAX 1024

static bool read_number(const struct json *value, double most, uint64_t *number)
{
	double read;

	if (!value || value->type != JSON_NUMBER)
		return false;
	read = number_read(value->text, value->len);
	if (!(read >= 0 && read <= most) || read != trunc(read))
		return false;
	*number = (uint64_t)read;
	return true;
}

/* NULL: none, or longer than most, or with a NUL inside. */
static const char *read_string(const struct json *value, struct arena *arena, size_t most)
{
	if (!value || value->type != JSON_STRING || value->len == 0 || value->len > most ||
	    memchr(value->text, 0, value->len))
		return NULL;
	return arena_copy(arena, value->text, value->len);
}

static bool read_buckets(const struct json *value, uint64_t buckets[BUCKETS])
{
	const struct json *number;
	unsigned i = 0;

	if (!value || value->type != JSON_ARRAY || value->len != BUCKETS)
		return false;
	for (number = value->child; number; number = number->next)
		if (!read_number(number, NUMBER_MAX, &buckets[i++]))
			return false;
	return true;
}

static const char *read_item(struct route_count *count, struct arena *arena,
			     struct strainer *strainer, const struct json *item)
{
	uint64_t status;

	if (item->type != JSON_OBJECT)
		return "an object";
	count->method = read_string(json_member(item, "method"), arena, METHOD_MAX);
	if (!count->method)
		return "method: a string of 1 to 32 bytes";
	count->route = read_string(json_member(item, "route"), arena, ROUTE_MAX);
	if (!count->route || strpbrk(count->route, "?#"))
		return "route: a template of 1 to 1024 bytes, without a query";
	count->route = strained_route(strainer, arena, count->route);
	if (!read_number(json_member(item, "status"), 999, &status))
		return "status: a number of 0 to 999";
	count->status = (int)status;
	if (!read_buckets(json_member(item, "buckets"), count->buckets))
		return "buckets: 15 whole numbers of 0 to 1e15";
	if (!read_number(json_member(item, "duration_us"), NUMBER_MAX, &count->duration_us))
		return "duration_us: a whole number of 0 to 1e15";
	return NULL;
}

enum status route_report_read(struct route_report *report, struct arena *arena,
			      struct strainer *strainer, const char *json, size_t len, size_t most)
{
	const struct json *document, *routes;
	enum status status = json_read(&document, arena, json, len);
	size_t i = 0;

	*report = (struct route_report){0};
	if (status != ST_OK)
		return status;
	routes = document->type == JSON_OBJECT ? json_member(document, "routes") : NULL;
	if (!routes || routes->type != JSON_ARRAY)
		return ST_INVALID;
	if (routes->len > most)
		return ST_TOO_LARGE;
	report->items = arena_zalloc(arena, (routes->len + 1) * sizeof *report->items);
	if (!report->items)
		return ST_NO_MEMORY;
	report->n = routes->len;
	for (const struct json *item = routes->child; item; item = item->next, i++)
		report->items[i].fault = read_item(&report->items[i].count, arena, strainer, item);
	return ST_OK;
}
