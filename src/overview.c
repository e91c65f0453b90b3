/*
 * overview - a forwarder that makes progress knows the spool; where none does, the spool
 * is looked through.
 */
#include "overview.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "spool_walk.h"
#include "state.h"

struct look {
	char segment[STATE_PATH_BYTES];
	uint64_t bytes, events;
	int64_t oldest_us;
};

static int look_at(void *context, const char *segment, uint64_t offset, const struct clean *clean,
		   const struct stamp *stamp)
{
	struct look *look = context;
	struct stat st;

	(void)offset;
	(void)stamp;
	if (strcmp(look->segment, segment) != 0) {
		(void)snprintf(look->segment, sizeof(look->segment), "%s", segment);
		look->bytes += stat(segment, &st) == 0 ? (uint64_t)st.st_size : 0;
	}
	if (!clean)
		return 0;
	look->events++;
	if (!look->oldest_us || clean_received_us(clean) < look->oldest_us)
		look->oldest_us = clean_received_us(clean);
	return 0;
}

static enum status look_through(const struct config *config, const char *name, struct look *look,
				struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	enum status status;

	memset(look, 0, sizeof(*look));
	state_path(dir, config, name);
	status = spool_walk(dir, look_at, look_at, look);
	if (status == ST_OK || status == ST_NOT_FOUND)
		return ST_OK;
	return reason_set_path(why, status, dir);
}

/* A backlog of millions is measured, not read. */
static enum status measure(const struct config *config, struct spool_amount *amount,
			   struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	enum status status;

	state_path(dir, config, STATE_SPOOL);
	status = spool_measure(dir, amount);
	if (status == ST_OK || status == ST_NOT_FOUND)
		return ST_OK;
	return reason_set_path(why, status, dir);
}

static const char *mode_of(const struct config *config)
{
	if (!config->umami_enabled)
		return "disabled: every event is answered, none is kept";
	if (config->umami_debug)
		return "debug: clean events are printed, none is sent";
	if (!config->umami_websites.n)
		return "local only: no website id is set, the spool is a ring";
	return "forwarding";
}

bool overview_wanted(const struct config *config)
{
	return config->umami_enabled && !config->umami_debug && config->umami_websites.n;
}

enum status overview_take(struct overview *overview, const struct config *config,
			  const struct counters *counters, struct reason *why)
{
	int64_t now_s = clock_wall_us() / US_PER_S;
	int64_t seen_s = (int64_t)counters_get(counters, METRIC_FORWARDER_SEEN);
	struct spool_amount spool = {0};
	struct look dead;
	enum status status;

	overview->mode = mode_of(config);
	overview->wanted = overview_wanted(config);
	overview->forwarder_ago_s = seen_s ? now_s - seen_s : -1;
	overview->forwards = counters_forwarder_moves(counters);
	overview->alive = counters_forwarder_runs(counters);
	if (overview->alive)
		overview->failing_since_s =
		    (int64_t)counters_get(counters, METRIC_UPSTREAM_FAILING);
	for (unsigned m = METRIC_REFUSED_INVALID; m <= METRIC_REFUSED_ERROR; m++)
		overview->refused += counters_get(counters, (enum metric)m);
	status = look_through(config, STATE_DEAD, &dead, why);
	if (status != ST_OK)
		return status;
	overview->dead_letters = dead.events;
	if (overview->alive) {
		overview->bytes = counters_get(counters, METRIC_SPOOL_BYTES);
		overview->events = counters_get(counters, METRIC_SPOOL_EVENTS);
		overview->oldest_s = (int64_t)counters_get(counters, METRIC_SPOOL_OLDEST);
		return ST_OK;
	}
	status = measure(config, &spool, why);
	overview->bytes = spool.bytes;
	overview->events = spool.events;
	overview->oldest_s = spool.oldest_us / US_PER_S;
	return status;
}
