/*
 * route_days - see route_days.h.
 */
#include "route_days.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "day.h"
#include "served.h"

#define NAME_BYTES 32
#define METHOD_BYTES 16
#define DAY_VALUES 5
#define LOOK_VALUES 6

struct line {
	char method[METHOD_BYTES];
	char *route;
	unsigned status;
	int64_t requests, seen;
};

struct lines {
	size_t n, room;
	struct line *items;
	bool failed;
};

static void lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		free(lines->items[i].route);
	free(lines->items);
}

static int by_endpoint(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->route, y->route);

	order = order ? order : strcmp(x->method, y->method);
	return order ? order : (x->status > y->status) - (x->status < y->status);
}

static void add_line(struct lines *lines, const char *method, const char *route, size_t len,
		     unsigned status, int64_t requests)
{
	struct line line = {.status = status, .requests = requests};

	if (lines->n == lines->room) {
		size_t room = lines->room ? 2 * lines->room : 64;
		struct line *more = realloc(lines->items, room * sizeof(*more));
		lines->failed = lines->failed || !more;
		if (!more)
			return;
		lines->items = more;
		lines->room = room;
	}
	snprintf(line.method, sizeof(line.method), "%s", method);
	line.route = strndup(route, len);
	if (line.route)
		lines->items[lines->n++] = line;
	else
		lines->failed = true;
}

static void take_served(void *context, const struct served *served)
{
	add_line(context, served->method, served->route, served->route_len, served->status,
		 (int64_t)served->requests);
}

/* Sorted, and one of each: what found no place of its own may look like one that did. */
static void settle(struct lines *lines)
{
	size_t kept = 0;

	if (!lines->n)
		return;
	qsort(lines->items, lines->n, sizeof(*lines->items), by_endpoint);
	for (size_t i = 1; i < lines->n; i++) {
		if (by_endpoint(&lines->items[kept], &lines->items[i]) == 0) {
			lines->items[kept].requests += lines->items[i].requests;
			free(lines->items[i].route);
		} else {
			lines->items[++kept] = lines->items[i];
		}
	}
	lines->n = kept + 1;
}

static enum status take_number(void *context, const char *const *columns)
{
	*(int64_t *)context = strtoll(columns[0], NULL, 10);
	return ST_OK;
}

static enum status take_seen(void *context, const char *const *columns)
{
	struct lines *lines = context;
	struct line key = {.route = (char *)(uintptr_t)columns[1],
			   .status = (unsigned)strtoul(columns[2], NULL, 10)};
	struct line *line;

	snprintf(key.method, sizeof(key.method), "%s", columns[0]);
	line = lines->n ? bsearch(&key, lines->items, lines->n, sizeof(key), by_endpoint) : NULL;
	if (line)
		line->seen = strtoll(columns[3], NULL, 10);
	return ST_OK;
}

/* More than was seen is new; less is a file that fell back, by a power cut. */
static enum status put_news(struct store *store, const struct lines *lines, const char *name,
			    const char *day, struct reason *why)
{
	struct store_value *days = malloc((lines->n + 1) * DAY_VALUES * sizeof(*days));
	struct store_value *looks = malloc((lines->n + 1) * LOOK_VALUES * sizeof(*looks));
	size_t n_days = 0, n_looks = 0;
	enum status status = ST_NO_MEMORY;

	if (days && looks) {
		for (size_t i = 0; i < lines->n; i++) {
			const struct line *line = &lines->items[i];
			const struct store_value endpoint[] = {STORE_TEXT(line->method),
							       STORE_TEXT(line->route),
							       STORE_NUMBER(line->status)};
			struct store_value *at = looks + n_looks * LOOK_VALUES;
			if (line->requests == line->seen)
				continue;
			n_looks++;
			at[0] = STORE_TEXT(name);
			memcpy(at + 1, endpoint, sizeof(endpoint));
			at[4] = STORE_NUMBER(line->requests);
			at[5] = STORE_TEXT(day);
			if (line->requests < line->seen)
				continue;
			at = days + n_days++ * DAY_VALUES;
			at[0] = STORE_TEXT(day);
			memcpy(at + 1, endpoint, sizeof(endpoint));
			at[4] = STORE_NUMBER(line->requests - line->seen);
		}
		status = store_many(store, QUERY_ROUTE_DAY_ADD, days, n_days, why);
		if (status == ST_OK)
			status = store_many(store, QUERY_ROUTE_LOOK_SET, looks, n_looks, why);
	}
	free(days);
	free(looks);
	return status;
}

/* The look's number first: of two that look at once, the second finds it taken. */
static enum status put(struct store *store, struct lines *lines, const char *name, int32_t today,
		       struct reason *why)
{
	struct store_value number[] = {STORE_TEXT(name), STORE_NUMBER(0)};
	char day[DAY_BYTES];
	int64_t last = 0;
	enum status status = store_run(store, QUERY_BATCH_LAST, number, take_number, &last, why);

	number[1] = STORE_NUMBER(last + 1);
	if (status == ST_OK)
		status = store_begin(store, false, why);
	if (status != ST_OK)
		return status;
	status = store_run(store, QUERY_BATCH, number, NULL, NULL, why);
	if (status == ST_OK && store_changed(store)) {
		status = store_run(store, QUERY_ROUTE_LOOKS, number, take_seen, lines, why);
		if (status == ST_OK)
			status = put_news(store, lines, name, day_text(day, today), why);
	} else if (status == ST_OK) {
		status = reason_set(why, ST_BUSY, "another rollup takes the routes");
	}
	if (status == ST_OK)
		return store_commit(store, why);
	store_rollback(store);
	return status;
}

enum status route_days_take(struct store *store, const struct config *config, int32_t today,
			    struct route_look *look, struct reason *why)
{
	struct lines lines = {0};
	struct counters *counters;
	struct route_look now;
	char name[NAME_BYTES];
	enum status status = counters_open(&counters, config, why);

	if (status != ST_OK)
		return status;
	now = (struct route_look){.epoch = counters_epoch(counters)};
	counters_served(counters, take_served, &lines);
	counters_close(counters);
	for (size_t i = 0; i < lines.n; i++)
		now.requests += (uint64_t)lines.items[i].requests;
	settle(&lines);
	snprintf(name, sizeof(name), "routes-%016" PRIx64, now.epoch);
	if (lines.failed)
		status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	else if (now.epoch != look->epoch || now.requests != look->requests)
		status = put(store, &lines, name, today, why);
	if (status == ST_OK)
		*look = now;
	lines_free(&lines);
	return status == ST_BUSY ? ST_OK : status;
}
