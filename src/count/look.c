/*
 * look - the counters for a person's eyes: routes one by one, the upstream as a whole.
 */
#include "lanes.h"
#include "served.h"

void counters_views(const struct counters *counters, counters_view_fn *visit, void *context)
{
	const struct map *map = counters_map(counters);

	for (uint32_t slot = 0; slot < map->layout.route_slots; slot++) {
		size_t len;
		const char *route = route_text(map, slot, &len);
		uint64_t views = route ? lanes_sum(map, LANE_VIEWS + slot) : 0;

		if (views)
			visit(context, slot, route, len, views);
	}
}

static uint64_t requests_of(const struct map *map, uint32_t place, uint64_t *us)
{
	uint64_t sums[SERIES_WORDS], n = 0;

	lanes_sum_series(map, place, sums);
	for (unsigned i = 0; i < SERIES_SUM; i++)
		n += sums[i];
	*us = sums[SERIES_SUM];
	return n;
}

void counters_served(const struct counters *counters, counters_served_fn *visit, void *context)
{
	const struct map *map = counters_map(counters);

	for (uint32_t place = 0; place < SERIES_MAX; place++) {
		struct served served;
		struct series series;
		uint64_t us;

		if (!series_read(map, place, &series) || series.kind != SERIES_SERVER)
			continue;
		served.route = route_text(map, series.slot, &served.route_len);
		served.method = method_name(series.method);
		served.status = series.status;
		served.requests = requests_of(map, place, &us);
		if (served.route && served.requests)
			visit(context, &served);
	}
}

uint64_t counters_epoch(const struct counters *counters)
{
	return map_get(counters_map(counters), AT_EPOCH);
}

struct upstream_total counters_upstream_total(const struct counters *counters)
{
	const struct map *map = counters_map(counters);
	struct upstream_total total = {0, 0, 0};

	for (uint32_t place = 0; place < SERIES_MAX; place++) {
		struct series series;
		uint64_t n, us;

		if (!series_read(map, place, &series) || series.kind != SERIES_CLIENT)
			continue;
		n = requests_of(map, place, &us);
		total.requests += n;
		total.failed += series.status < 200 || series.status > 299 ? n : 0;
		total.us += us;
	}
	return total;
}
