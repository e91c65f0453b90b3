/*
 * counters - opening and closing, and the simple reads; lanes are in lanes.c, the text form
 * in text.c.
 */
#include "counters.h"

#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "lanes.h"
#include "log.h"
#include "pages.h"
#include "state.h"

/* A file is made with room for this many routes at least, so that the bound may be raised. */
#define ROUTES_ROOM 1024
/* A forwarder that reaches its upstream is seen every second. */
#define FORWARDER_GONE_S 15
#define LOOK_US US_PER_S

static int is_gauge(enum metric metric)
{
	enum { COUNTER, GAUGE };
	static const unsigned char kinds[] = {
#define METRIC(id, kind, name, label, value, help) kind,
#include "metric.def"
#undef METRIC
	};

	return kinds[metric] == GAUGE;
}

static void book_close(struct book *book)
{
	routes_close(&book->routes);
	map_close(&book->map);
	pages_free(book, sizeof *book);
}

static enum status book_open(struct book **out, const struct config *config, bool yields,
			     struct reason *why)
{
	uint64_t room = config->counters_max_routes;
	char path[STATE_PATH_BYTES];
	struct map_source from = {path, room < ROUTES_ROOM ? ROUTES_ROOM : room, yields};
	struct book *book = pages_new(sizeof *book);
	enum status st;

	if (!book)
		return reason_set(why, ST_NO_MEMORY, "counters: out of memory");
	state_path(path, config, STATE_COUNTERS);
	st = map_open(&book->map, &from, why);
	if (st != ST_OK) {
		pages_free(book, sizeof *book);
		return st;
	}
	st = routes_open(&book->routes, &book->map, &config->counters_routes, room);
	if (st != ST_OK) {
		book_close(book);
		return reason_set(why, st, "counters: %s", status_text(st));
	}
	if (room > book->map.layout.route_slots - 1 - TEMPLATES_MAX)
		log_notice("counters: the file was made for fewer routes than counters.max_routes");
	*out = book;
	return ST_OK;
}

enum status counters_open(struct counters **out, const struct config *config, struct reason *why)
{
	struct counters *counters;
	struct book *book;
	enum status st = state_make(config, why);

	if (st == ST_OK)
		st = book_open(&book, config, false, why);
	if (st != ST_OK)
		return st;
	counters = calloc(1, sizeof *counters);
	if (!counters) {
		book_close(book);
		return reason_set(why, ST_NO_MEMORY, "counters: out of memory");
	}
	counters->config = config;
	atomic_init(&counters->book, book);
	atomic_init(&counters->look_us, clock_coarse_us() + LOOK_US);
	*out = counters;
	return ST_OK;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (struct book *before, *book = counters_book(counters); book; book = before) {
		before = book->before;
		book_close(book);
	}
	free(counters);
}

/* The locks belong to the open file, which the parent holds on to; an unlock would free them. */
void counters_disown(struct counters *counters)
{
	for (struct book *book = counters_book(counters); book; book = book->before) {
		(void)close(book->map.fd);
		book->map.fd = -1;
	}
}

/* What others do not set again by themselves, a bound for instance. */
static void carry_gauges(const struct map *from, const struct map *to)
{
	for (uint64_t at = AT_GAUGES; at < AT_GAUGES + METRICS && to->writable; at++)
		if (!map_get(to, at))
			map_set(to, at, map_get(from, at));
}

/* state.dir itself is for those to make anew who have something to keep there. */
static void follow(struct counters *counters)
{
	struct book *book = counters_book(counters), *next;
	char path[STATE_PATH_BYTES];
	struct reason why = {""};

	state_path(path, counters->config, STATE_COUNTERS);
	if (map_is_at(&book->map, path) || state_there(counters->config, &why) != ST_OK)
		return;
	if (book_open(&next, counters->config, true, &why) != ST_OK) {
		if (!counters->stuck)
			log_warning("counters: the file was replaced, and the new one cannot be "
				    "used: %s",
				    why.text);
		counters->stuck = true;
		return;
	}
	log_warning("counters: the file was removed or moved while it was in use; totals begin "
		    "anew");
	counters->stuck = false;
	carry_gauges(&book->map, &next->map);
	next->before = book;
	atomic_store_explicit(&counters->book, next, memory_order_release);
}

void counters_look(struct counters *counters)
{
	int64_t due_us = atomic_load_explicit(&counters->look_us, memory_order_relaxed);
	int64_t now_us = clock_coarse_us();

	/* One thread looks. */
	if (now_us < due_us ||
	    !atomic_compare_exchange_strong(&counters->look_us, &due_us, INT64_MAX))
		return;
	follow(counters);
	atomic_store(&counters->look_us, now_us + LOOK_US);
}

void counters_set(struct counters *counters, enum metric metric, uint64_t value)
{
	if (counters_map(counters)->writable)
		map_set(counters_map(counters), AT_GAUGES + (uint64_t)metric, value);
}

uint64_t counters_get(const struct counters *counters, enum metric metric)
{
	if (is_gauge(metric))
		return map_get(counters_map(counters), AT_GAUGES + (uint64_t)metric);
	return lanes_sum(counters_map(counters), LANE_METRICS + (uint64_t)metric);
}

static bool is_recent(const struct counters *counters, enum metric when)
{
	uint64_t seen_s = counters_get(counters, when);

	return seen_s + FORWARDER_GONE_S >= (uint64_t)(clock_wall_us() / US_PER_S);
}

bool counters_forwarder_moves(const struct counters *counters)
{
	return is_recent(counters, METRIC_FORWARDER_SEEN);
}

bool counters_forwarder_runs(const struct counters *counters)
{
	return is_recent(counters, METRIC_FORWARDER_ALIVE);
}
