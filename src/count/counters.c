/*
 * counters - opening and closing, and the simple reads; lanes are in lanes.c, the text form
 * in text.c.
 */
#include "counters.h"

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

enum status counters_open(struct counters **out, const struct config *config, struct reason *why)
{
	uint64_t room = config->counters_max_routes;
	struct counters *counters;
	char path[STATE_PATH_BYTES];
	struct map_source from;
	enum status st;

	state_path(path, config, STATE_COUNTERS);
	st = state_make(config, why);
	if (st != ST_OK)
		return st;
	counters = pages_new(sizeof *counters);
	if (!counters)
		return reason_set(why, ST_NO_MEMORY, "counters: out of memory");
	from = (struct map_source){path, room < ROUTES_ROOM ? ROUTES_ROOM : room, false};
	st = map_open(&counters->map, &from, why);
	if (st != ST_OK) {
		pages_free(counters, sizeof *counters);
		return st;
	}
	st = routes_open(&counters->routes, &counters->map, &config->counters_routes, room);
	if (st != ST_OK) {
		counters_close(counters);
		return reason_set(why, st, "counters: %s", status_text(st));
	}
	if (room > counters->map.layout.route_slots - 1 - TEMPLATES_MAX)
		log_notice("counters: the file was made for fewer routes than counters.max_routes");
	*out = counters;
	return ST_OK;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	routes_close(&counters->routes);
	map_close(&counters->map);
	pages_free(counters, sizeof *counters);
}

/* The locks belong to the open file, which the parent holds on to; an unlock would free them. */
void counters_disown(struct counters *counters)
{
	(void)close(counters->map.fd);
	counters->map.fd = -1;
}

void counters_set(struct counters *counters, enum metric metric, uint64_t value)
{
	if (counters->map.writable)
		map_set(&counters->map, AT_GAUGES + (uint64_t)metric, value);
}

uint64_t counters_get(const struct counters *counters, enum metric metric)
{
	if (is_gauge(metric))
		return map_get(&counters->map, AT_GAUGES + (uint64_t)metric);
	return lanes_sum(&counters->map, LANE_METRICS + (uint64_t)metric);
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
