/*
 * forward - the loop: read, send, settle, journal, report.
 *
 * An upstream that fails closes the door for all lanes together; when it opens again
 * one request goes first, and pace.h says how many follow, up to forward.connections.
 */
#include "work.h"

#include <stdlib.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "log.h"
#include "state.h"

#define ARENA_BYTES_MAX ((size_t)128 << 20)
/* In memory at most so many batches for each lane, and never fewer events than the second. */
#define BATCHES_PER_LANE 4
#define ITEMS_LEAST 256
#define TICK_US US_PER_S
#define EXPIRE_EVERY_US (3600 * US_PER_S)
#define DAY_US (86400 * US_PER_S)
/*
 * How soon an empty spool is looked at again: a batch may take seconds to fill, and each look
 * wakes a processor; where somebody waits for a delivery, sooner.
 */
#define IDLE_MS 250
#define IDLE_HURRY_MS 20
#define LONGEST_WAIT_MS 500
/* Umami works off a batch one by one: 5 ms each where it is slow, and it may be slower. */
#define TIMEOUT_EACH_MS 100
#define LAST_WAIT_US (2 * US_PER_S)

static enum status open_lanes(struct forward *forward)
{
	size_t max_batch = (size_t)forward->config->forward_max_batch;
	enum status status = ST_OK;

	for (unsigned i = 0; i < forward->n_lanes; i++)
		lane_init(&forward->lanes[i], max_batch);
	for (unsigned i = 0; i < forward->n_lanes && status == ST_OK; i++)
		status = post_open(&forward->posts[i], forward->sink, max_batch);
	return status == ST_OK ? witness_open(&forward->witness, forward->sink) : status;
}

static enum status open_network(struct forward *forward, struct reason *why)
{
	enum status status = sink_open(&forward->sink, forward->config, why);
	long connections = (long)forward->n_lanes + 1; /* one for the witness */

	if (status != ST_OK)
		return status;
	forward->multi = curl_multi_init();
	if (!forward->multi ||
	    curl_multi_setopt(forward->multi, CURLMOPT_MAXCONNECTS, connections) != CURLM_OK ||
	    curl_multi_setopt(forward->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections) !=
		CURLM_OK)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = open_lanes(forward);
	if (status != ST_OK)
		return reason_set(why, status, "%s", status_text(status));
	return status;
}

/* Its writer died: perhaps between spool and counters. */
static void recount(void *context, const struct stamp *stamp, const struct clean *clean)
{
	struct forward *forward = context;

	if (counters_recount(forward->counters, stamp, clean))
		log_debug("forward: counted an event that its dead writer had not");
}

static enum status open_state(struct forward *forward, struct reason *why)
{
	char spool[STATE_PATH_BYTES], dead[STATE_PATH_BYTES], checkpoint[STATE_PATH_BYTES];
	enum status status;

	state_path(spool, forward->config, STATE_SPOOL);
	state_path(dead, forward->config, STATE_DEAD);
	state_path(checkpoint, forward->config, STATE_CHECKPOINT);
	status = spool_reader_open(&forward->reader, spool, checkpoint, why);
	if (status != ST_OK)
		return status;
	spool_reader_on_orphan(forward->reader, recount, forward);
	status = dead_open(&forward->dead, dead);
	if (status != ST_OK)
		return reason_set_path(why, status, dead);
	status = counters_lane(&forward->count, forward->counters);
	if (status != ST_OK)
		return reason_set_path(why, status, "counters");
	return ST_OK;
}

enum status forward_check(const struct config *config, struct reason *why)
{
	struct sink *sink;
	enum status status = sink_open(&sink, config, why);

	if (status == ST_OK)
		sink_close(sink);
	return status;
}

enum status forward_open(struct forward **out, const struct config *config,
			 struct counters *counters, struct reason *why)
{
	struct forward *forward = calloc(1, sizeof(*forward));
	enum status status = ST_NO_MEMORY;

	if (!forward)
		return reason_set(why, status, "%s", status_text(status));
	forward->config = config;
	forward->counters = counters;
	forward->local = !config->umami_websites.n && !config->umami_debug;
	forward->prints = config->umami_debug && isatty(STDOUT_FILENO);
	if (config->umami_debug && !forward->prints)
		log_warning("umami.debug: standard output is no terminal, so events are neither "
			    "printed nor sent");
	forward->n_lanes = (unsigned)config->forward_connections;
	pace_init(&forward->pace, forward->n_lanes);
	forward->max_items =
	    forward->n_lanes * (size_t)config->forward_max_batch * BATCHES_PER_LANE;
	if (forward->max_items < ITEMS_LEAST)
		forward->max_items = ITEMS_LEAST;
	forward->done = calloc(forward->max_items, sizeof(*forward->done));
	forward->arena = arena_new(ARENA_BYTES_MAX);
	if (!forward->done || !forward->arena || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		status = reason_set(why, status, "%s", status_text(status));
	else
		status = open_network(forward, why);
	if (status == ST_OK)
		status = open_state(forward, why);
	if (status == ST_OK)
		*out = forward;
	else
		forward_close(forward);
	return status;
}

void forward_close(struct forward *forward)
{
	if (!forward)
		return;
	for (unsigned i = 0; i < forward->n_lanes; i++) {
		struct post *post = &forward->posts[i];

		if (post->busy)
			(void)curl_multi_remove_handle(forward->multi, post->easy);
		post_close(post);
		if (forward->lanes[i].last)
			lane_clear(&forward->lanes[i]);
	}
	item_pool_free(&forward->pool);
	witness_close(&forward->witness, forward->multi);
	curl_multi_cleanup(forward->multi);
	sink_close(forward->sink);
	if (forward->count)
		counters_lane_end(forward->count);
	if (forward->dead)
		dead_close(forward->dead);
	if (forward->reader)
		spool_reader_close(forward->reader);
	arena_free(forward->arena);
	free(forward->done);
	free(forward);
	curl_global_cleanup();
}

/* Are there enough events waiting, or do they wait long enough? */
static bool is_ripe(const struct forward *forward, const struct lane *lane, size_t waiting,
		    int64_t now_us)
{
	const struct config *config = forward->config;

	if (!lane->first)
		return false;
	return forward->hurry || lane->first->sent_us || waiting >= config->async_batch_size ||
	       now_us - lane->first->queued_us >= (int64_t)config->async_flush_interval * US_PER_S;
}

static bool has_batch(const struct forward *forward, int64_t now_us)
{
	return now_us >= forward->no_batch_until_us;
}

/* Fill the lane's post with what goes next; false: nothing does. */
static bool choose(struct forward *forward, unsigned number, size_t waiting, int64_t now_us)
{
	struct lane *lane = &forward->lanes[number];
	struct post *post = &forward->posts[number];
	struct item *due = NULL;

	/* By turns, so that neither starves the other. */
	if (!post->apart || !is_ripe(forward, lane, waiting, now_us))
		due = lane_take_due(lane, now_us);
	post->apart = due != NULL;
	post->n = 0;
	if (due && due->doom) {
		settle_dead(forward, lane, due, due->doom_code, due->doom, now_us);
	} else if (due) {
		post->items[post->n++] = due;
	} else if (is_ripe(forward, lane, waiting, now_us)) {
		post->n = lane_take(lane, post->items, has_batch(forward, now_us) ? lane->limit : 1,
				    forward->held, forward->n_held);
	}
	return post->n > 0;
}

static void start(struct forward *forward, unsigned number, int64_t now_us)
{
	struct post *post = &forward->posts[number];
	bool alone = post->apart || post->items[0]->token || !has_batch(forward, now_us);
	enum sink_way way = alone ? SINK_SEND : SINK_BATCH;
	long timeout_ms =
	    (long)forward->config->forward_timeout * 1000 + (long)post->n * TIMEOUT_EACH_MS;

	if (post_start(post, forward->multi, forward->sink, way, timeout_ms, now_us) == ST_OK) {
		forward->under_way++;
		for (size_t i = 0; i < post->n; i++)
			counters_add(forward->count, METRIC_RETRIED,
				     post->items[i]->before_us != 0);
		return;
	}
	log_error("forward: out of memory, sending pauses");
	forward->closed_until_us = now_us + US_PER_S;
	lane_give_back(&forward->lanes[number], post->items, post->n);
	post->n = 0;
}

static void start_all(struct forward *forward, int64_t now_us)
{
	size_t waiting = 0;

	for (unsigned i = 0; i < forward->n_lanes; i++)
		waiting += forward->lanes[i].n;
	for (unsigned i = 0; i < forward->n_lanes; i++) {
		unsigned number = (forward->next_lane + i) % forward->n_lanes;

		if (forward->under_way >= forward->pace.open || now_us < forward->closed_until_us ||
		    forward->unsure)
			return;
		if (!forward->posts[number].busy && choose(forward, number, waiting, now_us)) {
			start(forward, number, now_us);
			forward->next_lane = number + 1;
		}
	}
}

/* true: a request is over. */
static bool settle_all(struct forward *forward)
{
	int running, left;
	CURLMsg *message;
	bool any = false;

	(void)curl_multi_perform(forward->multi, &running);
	while ((message = curl_multi_info_read(forward->multi, &left))) {
		CURLcode code = message->data.result;
		struct post *post = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		any = true;
		if (message->easy_handle == forward->witness.easy) {
			settle_witness(forward, code);
			continue;
		}
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
		settle_post(forward, (unsigned)(post - forward->posts), code, clock_mono_us());
	}
	return any;
}

/* Gauges, and readiness: somebody forwards, or finds nothing to do. */
static void report(struct forward *forward)
{
	struct spool_stats stats;
	bool idle = forward->local || (forward->at_end && !forward->n_items);

	counters_look(forward->counters);
	spool_reader_stats(forward->reader, &stats);
	counters_set(forward->counters, METRIC_SPOOL_BYTES, stats.bytes);
	counters_set(forward->counters, METRIC_SPOOL_EVENTS, stats.events);
	counters_set(forward->counters, METRIC_SPOOL_OLDEST,
		     (uint64_t)(stats.oldest_us / US_PER_S));
	counters_add(forward->count, METRIC_SPOOL_DAMAGED, stats.damaged - forward->damaged_seen);
	forward->damaged_seen = stats.damaged;
	if (idle || forward->finished != forward->finished_seen)
		counters_set(forward->counters, METRIC_FORWARDER_SEEN,
			     (uint64_t)(clock_wall_us() / US_PER_S));
	forward->finished_seen = forward->finished;
	counters_set(forward->counters, METRIC_FORWARDER_ALIVE,
		     (uint64_t)(clock_wall_us() / US_PER_S));
	counters_set(forward->counters, METRIC_UPSTREAM_FAILING,
		     (uint64_t)forward->failing_since_s);
}

/* Dead letters that have lain for dead.retention_days go; looked at once an hour. */
static void expire_dead(struct forward *forward, int64_t now_us)
{
	int64_t days = (int64_t)forward->config->dead_retention_days;
	char dir[STATE_PATH_BYTES];
	enum status status;
	uint64_t removed;

	if (!days || now_us < forward->expire_us)
		return;
	forward->expire_us = now_us + EXPIRE_EVERY_US;
	state_path(dir, forward->config, STATE_DEAD);
	status = dead_expire(dir, clock_wall_us() - days * DAY_US, &removed);
	if (status != ST_OK)
		log_error("forward: old dead letters cannot be removed: %s", status_text(status));
	if (!removed)
		return;
	counters_add(forward->count, METRIC_DEAD_EXPIRED, removed);
	log_notice("forward: %llu dead letters were removed after dead.retention_days",
		   (unsigned long long)removed);
}

/* ST_BUSY: another forwarder has taken the checkpoint over. */
static enum status tick(struct forward *forward, int64_t now_us)
{
	enum status status;

	if (now_us < forward->tick_us)
		return ST_OK;
	forward->tick_us = now_us + TICK_US;
	status = spool_reader_tick(forward->reader);
	if (status == ST_OK)
		forward->unsure = false;
	else
		log_error("forward: the checkpoint: %s", status_text(status));
	report(forward);
	expire_dead(forward, now_us);
	return status == ST_BUSY ? status : ST_OK;
}

/* How long nothing will happen but on the network. */
static int pause_ms(const struct forward *forward, int64_t now_us)
{
	int64_t until_us = now_us + LONGEST_WAIT_MS * 1000;

	if (!forward->local && !forward->at_end && intake_has_room(forward))
		return 0;
	if (forward->at_end)
		until_us = now_us + (forward->hurry ? IDLE_HURRY_MS : IDLE_MS) * 1000;
	for (unsigned i = 0; i < forward->n_lanes; i++) {
		int64_t due_us = lane_due_us(&forward->lanes[i]);

		if (due_us < forward->closed_until_us)
			due_us = forward->closed_until_us;
		if (due_us < until_us && !forward->posts[i].busy)
			until_us = due_us;
	}
	if (forward->closed_until_us > now_us && forward->closed_until_us < until_us)
		until_us = forward->closed_until_us;
	return until_us > now_us ? (int)((until_us - now_us + 999) / 1000) : 0;
}

/* One round. What is not ST_OK ends the loop: no memory, or another forwarder. */
static enum status turn(struct forward *forward, bool stopping)
{
	int64_t now_us = clock_mono_us();
	enum status status = ST_OK;
	bool settled;

	if (!forward->local && !stopping)
		status = intake(forward, now_us);
	if (status == ST_NO_MEMORY)
		return status;
	if (status != ST_OK) {
		log_error("forward: the spool cannot be read: %s", status_text(status));
		forward->at_end = true;
	}
	if (!stopping)
		start_all(forward, now_us);
	settled = settle_all(forward);
	settle_journal(forward);
	status = tick(forward, now_us);
	/* Where a request is over the next one begins at once: a backlog's last events, too. */
	(void)curl_multi_poll(forward->multi, NULL, 0,
			      settled ? 0 : pause_ms(forward, clock_mono_us()), NULL);
	return status;
}

enum status forward_turn(struct forward *forward)
{
	return turn(forward, false);
}

/* They may be from a time when no website was set, and whoever sets one should know. */
static void tell_backlog(struct forward *forward)
{
	struct spool_stats stats;

	if (forward->config->umami_debug || tick(forward, clock_mono_us()) != ST_OK)
		return;
	spool_reader_stats(forward->reader, &stats);
	if (stats.events)
		log_notice("forward: about %llu events from before wait on the spool and are sent "
			   "now; tamis(1) says how to discard them",
			   (unsigned long long)stats.events);
}

/* Answers under way are awaited for a moment; then what is known is synced. */
enum status forward_finish(struct forward *forward)
{
	int64_t until_us = clock_mono_us() + LAST_WAIT_US;
	enum status status = ST_OK;

	while (status == ST_OK && forward->under_way && clock_mono_us() < until_us)
		status = turn(forward, true);
	settle_journal(forward);
	forward->tick_us = 0;
	if (status == ST_OK)
		status = tick(forward, clock_mono_us());
	counters_set(forward->counters, METRIC_UPSTREAM_FAILING, 0);
	return status == ST_OK && forward->unsure ? ST_IO : status;
}

enum status forward_run(struct forward *forward, const volatile sig_atomic_t *stopping)
{
	enum status status = ST_OK;

	if (forward->local)
		log_notice("forward: no website is set, events stay on this machine");
	else
		tell_backlog(forward);
	while (!*stopping && status == ST_OK)
		status = turn(forward, false);
	return status == ST_OK ? forward_finish(forward) : status;
}

static bool is_drained(const struct forward *forward)
{
	struct spool_stats stats;

	if (!forward->at_end || forward->n_items || forward->unsure)
		return false;
	spool_reader_stats(forward->reader, &stats);
	return stats.events == 0;
}

enum status forward_drain(struct forward *forward, int timeout_ms)
{
	int64_t until_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
	enum status status = ST_OK;

	forward->hurry = true;
	tell_backlog(forward);
	while (status == ST_OK && !is_drained(forward)) {
		if (clock_mono_us() > until_us)
			status = ST_UNAVAILABLE;
		else
			status = turn(forward, false);
	}
	forward->hurry = false;
	if (status == ST_OK || status == ST_UNAVAILABLE)
		(void)!forward_finish(forward);
	return status;
}
