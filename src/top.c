/*
 * top - see top.h. The forwarder knows the backlog; where none makes progress the spool
 * is looked through now and then, and in between what came and went is added up.
 */
#include "top.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define LOOK_EVERY_US (30 * US_PER_S)

static enum status grow_views(struct top *top, size_t n)
{
	size_t size = n < 1024 ? 1024 : n * 2;
	uint64_t *views;

	if (n <= top->n_views)
		return ST_OK;
	views = realloc(top->views, size * sizeof(*views));
	if (!views)
		return ST_NO_MEMORY;
	memset(views + top->n_views, 0, (size - top->n_views) * sizeof(*views));
	top->views = views;
	top->n_views = size;
	return ST_OK;
}

static bool is_above(const struct route_rate *a, const struct route_rate *b)
{
	return a->more != b->more ? a->more > b->more : a->views > b->views;
}

/* Into its place among the first ones. */
static void rank(struct sample *sample, const struct route_rate *route)
{
	size_t at = sample->n_routes;

	while (at && is_above(route, &sample->routes[at - 1])) {
		if (at < TOP_ROUTES)
			sample->routes[at] = sample->routes[at - 1];
		at--;
	}
	if (at == TOP_ROUTES)
		return;
	sample->routes[at] = *route;
	sample->n_routes += sample->n_routes < TOP_ROUTES;
}

static void see_route(void *context, uint32_t slot, const char *text, size_t len, uint64_t views)
{
	struct top *top = context;
	struct route_rate route = {text, len, views, 0};

	if (grow_views(top, (size_t)slot + 1) != ST_OK)
		return; /* it is shown without it */
	route.more = top->twice ? views - top->views[slot] : 0;
	top->views[slot] = views;
	rank(&top->now, &route);
}

static enum status look_at_spool(struct top *top, struct reason *why)
{
	struct sample *now = &top->now;
	uint64_t in = now->counts[METRIC_ACCEPTED];
	uint64_t out = now->counts[METRIC_FORWARDED] + now->counts[METRIC_DEAD];
	bool due = !top->looked_us || now->at_us - top->looked_us >= LOOK_EVERY_US;
	enum status status;

	now->overview.forwards = counters_forwarder_moves(top->counters);
	if (counters_forwarder_runs(top->counters) && !due) {
		now->overview.bytes = now->counts[METRIC_SPOOL_BYTES];
		now->overview.events = now->counts[METRIC_SPOOL_EVENTS];
		now->overview.oldest_s = (int64_t)now->counts[METRIC_SPOOL_OLDEST];
		return ST_OK;
	}
	if (!due) {
		now->overview.events = top->looked_events + (in - top->looked_in);
		now->overview.events -= now->overview.events < out - top->looked_out
					    ? now->overview.events
					    : out - top->looked_out;
		return ST_OK;
	}
	now->overview = (struct overview){0};
	status = overview_take(&now->overview, top->config, top->counters, why);
	top->looked_us = now->at_us;
	top->looked_events = now->overview.events;
	top->looked_in = in;
	top->looked_out = out;
	return status;
}

/* Batches come by fits and starts: a mean says more than the last second. */
static void see_drain(struct top *top)
{
	const uint64_t *before = top->before.counts, *now = top->now.counts;
	double seconds = (double)(top->now.at_us - top->before.at_us) / (double)US_PER_S;
	double out = (double)(now[METRIC_FORWARDED] - before[METRIC_FORWARDED]) +
		     (double)(now[METRIC_DEAD] - before[METRIC_DEAD]);
	double in = (double)(now[METRIC_ACCEPTED] - before[METRIC_ACCEPTED]);
	double weight = top->looks < 10 ? 1.0 / (double)top->looks : 0.1;

	top->drain += weight * ((out - in) / seconds - top->drain);
}

enum status top_look(struct top *top, struct reason *why)
{
	struct sample *now = &top->now;
	enum status status;

	top->twice = now->at_us != 0;
	top->before = *now;
	now->at_us = clock_mono_us();
	for (unsigned m = 0; m < METRICS; m++)
		now->counts[m] = counters_get(top->counters, (enum metric)m);
	now->upstream = counters_upstream_total(top->counters);
	now->n_routes = 0;
	if (top->twice) {
		top->looks++;
		see_drain(top);
	}
	status = look_at_spool(top, why);
	counters_views(top->counters, see_route, top);
	return status;
}

void top_free(struct top *top)
{
	free(top->views);
	top->views = NULL;
}
