/*
 * gateway - see gateway.h.
 *
 * An event is stamped, put on the spool under that stamp and counted, in this order: a
 * process killed in between leaves an event that spool_open() of the next one finds and
 * counters_recount() counts.
 */
#include "gateway.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "event.h"
#include "exclude.h"
#include "limit.h"
#include "log.h"
#include "route_report.h"
#include "spool.h"
#include "state.h"
#include "strained_route.h"
#include "strainer.h"
#include "trouble.h"

/* A body's event tree and clean events together take up to this many times its bytes. */
#define ARENA_PER_BODY 16
#define ARENA_ROOM ((size_t)1 << 20)

struct gateway {
	const struct config *config;
	struct strainer_rules *rules;
	struct exclude *exclude;
	struct counters *counters;
	struct limit *limit; /* NULL: none is wanted, or there is no table */
	struct spool *spool;
	pthread_mutex_t mutex; /* of house */
	struct counter_lane *house;
	struct trouble trouble;
	gateway_show_fn *show;
	void *show_context;
};

struct gateway_worker {
	struct gateway *gateway;
	struct arena *arena;
	struct strainer *strainer;
	struct counter_lane *lane;
};

static void count_orphan(void *context, const struct stamp *stamp, const struct clean *clean)
{
	struct gateway *gateway = context;

	(void)counters_recount(gateway->counters, stamp, clean);
}

static void count_dropped(void *context, uint64_t records)
{
	struct gateway *gateway = context;

	pthread_mutex_lock(&gateway->mutex);
	counters_add(gateway->house, METRIC_RING_DROPPED, records);
	pthread_mutex_unlock(&gateway->mutex);
}

/* Without a website any is taken, and the spool is a ring. */
static bool is_local(const struct config *config)
{
	return config->umami_websites.n == 0;
}

static enum status spool_start(struct gateway *gateway, bool brief, struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	const struct config *config = gateway->config;
	struct spool_options options = {
	    .dir = dir,
	    .max_bytes = config->spool_max_bytes,
	    .segment_bytes = config->spool_segment_bytes,
	    .sync = (enum spool_sync)config->spool_sync,
	    .ring = is_local(config),
	    /* A ring keeps what it has. */
	    .segment_us = is_local(config) ? 0 : (int64_t)config->spool_segment_seconds * US_PER_S,
	    .brief = brief,
	    .orphan = count_orphan,
	    .dropped = count_dropped,
	    .context = gateway,
	};

	state_path(dir, config, STATE_SPOOL);
	return spool_open(&gateway->spool, &options, why);
}

/* Events are worth more than the limit: without its table they are taken all the same. */
static void limit_start(struct gateway *gateway)
{
	struct reason why = {""};

	if (limit_open(&gateway->limit, strainer_rules_dir(gateway->rules), gateway->config,
		       &why) != ST_OK)
		log_warning("clients are not limited: %s", why.text);
}

/* To somebody who sits there: a web server's error log is no place for events. */
static void show_event(void *context, const char *json, size_t len)
{
	(void)context;
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "%.*s\n", (int)len, json);
}

static enum status gateway_start(struct gateway **out, const struct config *config, bool brief,
				 struct reason *why)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);
	enum status st;

	if (!gateway)
		return reason_set(why, ST_NO_MEMORY, "gateway: out of memory");
	gateway->config = config;
	gateway->show = show_event;
	pthread_mutex_init(&gateway->mutex, NULL);
	st = strainer_rules_new(&gateway->rules, config, !brief, why);
	if (st == ST_OK)
		st = exclude_open(&gateway->exclude, config, why);
	if (st == ST_OK)
		st = counters_open(&gateway->counters, config, why);
	if (st == ST_OK)
		st = counters_lane(&gateway->house, gateway->counters);
	if (st == ST_OK)
		st = spool_start(gateway, brief, why);
	if (st != ST_OK) {
		gateway_close(gateway);
		return st;
	}
	counters_set(gateway->counters, METRIC_SPOOL_MAX_BYTES, config->spool_max_bytes);
	limit_start(gateway);
	*out = gateway;
	return ST_OK;
}

enum status gateway_open(struct gateway **out, const struct config *config, struct reason *why)
{
	return gateway_start(out, config, false, why);
}

enum status gateway_open_brief(struct gateway **out, const struct config *config,
			       struct reason *why)
{
	return gateway_start(out, config, true, why);
}

void gateway_close(struct gateway *gateway)
{
	if (!gateway)
		return;
	spool_close(gateway->spool);
	counters_lane_end(gateway->house);
	counters_close(gateway->counters);
	limit_close(gateway->limit);
	exclude_close(gateway->exclude);
	strainer_rules_free(gateway->rules);
	pthread_mutex_destroy(&gateway->mutex);
	free(gateway);
}

void gateway_disown(struct gateway *gateway)
{
	spool_disown(gateway->spool);
	counters_disown(gateway->counters);
}

void gateway_show(struct gateway *gateway, gateway_show_fn *show, void *context)
{
	gateway->show = show;
	gateway->show_context = context;
}

enum status gateway_worker_new(struct gateway_worker **out, struct gateway *gateway)
{
	struct gateway_worker *worker = calloc(1, sizeof *worker);
	enum status st;

	if (!worker)
		return ST_NO_MEMORY;
	worker->gateway = gateway;
	worker->arena =
	    arena_new(ARENA_ROOM + ARENA_PER_BODY * (size_t)gateway->config->http_max_body_bytes);
	st = worker->arena ? strainer_new(&worker->strainer, gateway->rules) : ST_NO_MEMORY;
	if (st == ST_OK)
		st = counters_lane(&worker->lane, gateway->counters);
	if (st == ST_OK)
		*out = worker;
	else
		gateway_worker_free(worker);
	return st;
}

void gateway_worker_free(struct gateway_worker *worker)
{
	if (!worker)
		return;
	counters_lane_end(worker->lane);
	if (worker->strainer)
		strainer_free(worker->strainer);
	if (worker->arena)
		arena_free(worker->arena);
	free(worker);
}

/* Both sides are in lower case. */
static bool website_taken(const struct config *config, const char *id)
{
	const struct config_list *websites = &config->umami_websites;

	if (!id || is_local(config))
		return true;
	for (size_t i = 0; i < websites->n; i++)
		if (strcmp(websites->items[i], id) == 0)
			return true;
	return false;
}

static enum status keep(struct gateway_worker *worker, const struct clean *clean)
{
	struct gateway *gateway = worker->gateway;
	struct stamp stamp = counters_stamp(worker->lane);
	enum status st = ST_OK;
	const char *json;
	size_t len;

	if (gateway->config->umami_debug) {
		json = clean_json(clean, &len);
		gateway->show(gateway->show_context, json, len);
	} else {
		st = spool_append(gateway->spool, clean, &stamp);
	}
	if (st == ST_OK) {
		counters_accept(worker->lane, clean);
		trouble_end(&gateway->trouble);
		return ST_OK;
	}
	trouble_begin(&gateway->trouble, st);
	log_error("an event was refused: %s", status_text(st));
	return st;
}

static struct verdict take(struct gateway_worker *worker, struct event *event,
			   const struct sender *sender)
{
	static const enum fate fates[] = {
	    [EVENT_BOT] = FATE_BOT,
	    [EVENT_NETWORK] = FATE_NETWORK,
	    [EVENT_HOSTNAME] = FATE_HOSTNAME,
	    [EVENT_REFERRER] = FATE_REFERRER,
	};
	enum event_fate fate;
	struct clean *clean;
	enum status st;

	if (!website_taken(worker->gateway->config, event_website(event)))
		return (struct verdict){.fate = FATE_WEBSITE};
	fate = event_fate(event, worker->strainer, sender);
	if (fate == EVENT_KEPT)
		fate = exclude_fate(worker->gateway->exclude, event, sender);
	if (fate != EVENT_KEPT)
		return (struct verdict){.fate = fates[fate]};
	st = event_sanitize(&clean, worker->arena, worker->strainer, event, sender);
	if (st == ST_OK)
		st = keep(worker, clean);
	else
		trouble_tell_of_key(worker->gateway->rules, sender->received_us);
	if (st == ST_OK)
		return (struct verdict){.fate = FATE_ACCEPTED, .session = clean_session(clean)};
	return (struct verdict){.fate = FATE_REFUSED, .status = st};
}

/* What a submission that could not be read as a whole is answered with. */
static struct verdict unread(enum status st, const struct problem *problem)
{
	if (st == ST_INVALID)
		return (struct verdict){.fate = FATE_INVALID, .status = st, .problem = problem};
	/* The tree did not fit the arena, which is many times the largest body. */
	st = st == ST_NO_MEMORY ? ST_TOO_LARGE : st;
	return (struct verdict){.fate = FATE_REFUSED, .status = st};
}

static enum metric metric_of(const struct verdict *verdict)
{
	static const enum metric metrics[] = {
	    [FATE_BOT] = METRIC_REFUSED_BOT,	       [FATE_NETWORK] = METRIC_REFUSED_NETWORK,
	    [FATE_HOSTNAME] = METRIC_REFUSED_HOSTNAME, [FATE_REFERRER] = METRIC_REFUSED_REFERRER,
	    [FATE_DISABLED] = METRIC_REFUSED_DISABLED, [FATE_INVALID] = METRIC_REFUSED_INVALID,
	    [FATE_WEBSITE] = METRIC_REFUSED_WEBSITE,
	};

	if (verdict->fate != FATE_REFUSED)
		return metrics[verdict->fate];
	if (verdict->status == ST_FULL)
		return METRIC_REFUSED_FULL;
	return verdict->status == ST_TOO_LARGE ? METRIC_REFUSED_TOO_LARGE : METRIC_REFUSED_ERROR;
}

/*
 * event NULL: it could not be read, st and problem say why. Received is counted first, so
 * that a kill in between leaves it larger than what became of it, never smaller;
 * counters_accept() counts what is accepted.
 */
static struct verdict take_counted(struct gateway_worker *worker, struct event *event,
				   const struct sender *sender, enum status st,
				   const struct problem *problem)
{
	struct verdict verdict;

	counters_add(worker->lane, METRIC_RECEIVED, 1);
	verdict = event ? take(worker, event, sender) : unread(st, problem);
	if (verdict.fate != FATE_ACCEPTED)
		counters_add(worker->lane, metric_of(&verdict), 1);
	return verdict;
}

/*
 * May the client send n events, of which it has taken some from its allowance already? A
 * batch takes one before it is parsed and the rest, as a whole, when its length is known.
 * Imported events are no client's, and who cannot be known (limit.h) is let through.
 */
static bool may_send(struct gateway_worker *worker, const struct submission *submission, size_t n,
		     size_t taken, struct verdicts *verdicts)
{
	unsigned wait_s;

	if (submission->imported || submission->unlimited || n <= taken ||
	    limit_take(worker->gateway->limit, submission->address, n - taken, taken, &wait_s) !=
		LIMIT_REFUSE)
		return true;
	counters_add(worker->lane, METRIC_RECEIVED, n);
	counters_add(worker->lane, METRIC_REFUSED_RATE, n);
	verdicts->n = 0;
	verdicts->whole =
	    (struct verdict){.fate = FATE_REFUSED, .status = ST_LIMITED, .wait_s = wait_s};
	return false;
}

static void take_one(struct gateway_worker *worker, const struct submission *submission,
		     const struct sender *sender, struct verdicts *verdicts)
{
	struct problem *problem = arena_zalloc(worker->arena, sizeof *problem);
	struct event *event = NULL;
	enum status st = ST_NO_MEMORY;

	if (problem)
		st = event_parse_own(&event, worker->arena, submission->body, submission->len,
				     submission->own, problem);
	verdicts->whole = take_counted(worker, st == ST_OK ? event : NULL, sender, st, problem);
}

static void take_batch(struct gateway_worker *worker, const struct submission *submission,
		       const struct sender *sender, struct verdicts *verdicts)
{
	struct arena *arena = worker->arena;
	struct problem *problem = arena_zalloc(arena, sizeof *problem), **problems;
	struct event **events;
	enum status st = ST_NO_MEMORY;

	if (problem)
		st = event_parse_batch(&events, &problems, &verdicts->n,
				       (size_t)worker->gateway->config->http_max_batch, arena,
				       submission->body, submission->len, problem);
	if (st == ST_OK)
		verdicts->items = arena_zalloc(arena, (verdicts->n + 1) * sizeof *verdicts->items);
	if (st == ST_OK && !verdicts->items)
		st = ST_NO_MEMORY;
	if (st != ST_OK) {
		verdicts->n = 0;
		verdicts->whole = take_counted(worker, NULL, sender, st, problem);
		return;
	}
	if (!may_send(worker, submission, verdicts->n, 1, verdicts))
		return;
	verdicts->whole.fate = FATE_ACCEPTED;
	for (size_t i = 0; i < verdicts->n; i++)
		verdicts->items[i] =
		    take_counted(worker, events[i], sender, ST_INVALID, problems[i]);
}

void gateway_accept(struct gateway_worker *worker, const struct submission *submission,
		    struct verdicts *verdicts)
{
	const struct config *config = worker->gateway->config;
	struct sender sender = {
	    .address = submission->address,
	    .user_agent = submission->user_agent,
	    .cache = submission->cache,
	    .received_us = clock_wall_us(),
	    .imported = submission->imported,
	};

	*verdicts = (struct verdicts){.whole.fate = FATE_DISABLED};
	arena_reset(worker->arena);
	if (!config->umami_enabled)
		gateway_refuse(worker, METRIC_REFUSED_DISABLED);
	else if (submission->do_not_track && config->privacy_honor_dnt)
		gateway_refuse(worker, METRIC_REFUSED_DNT);
	else if (!may_send(worker, submission, 1, 0, verdicts))
		return;
	else if (submission->batch)
		take_batch(worker, submission, &sender, verdicts);
	else
		take_one(worker, submission, &sender, verdicts);
}

struct stamp gateway_stamp(const struct gateway_worker *worker)
{
	return counters_stamp(worker->lane);
}

void gateway_forget(struct gateway_worker *worker)
{
	arena_reset(worker->arena);
}

void gateway_route(struct gateway_worker *worker, const char *method, const char *route, int status,
		   uint64_t duration_us)
{
	arena_reset(worker->arena);
	counters_route(worker->lane, method, strained_route(worker->strainer, worker->arena, route),
		       status, duration_us);
}

enum status gateway_report(struct gateway_worker *worker, const char *json, size_t len,
			   struct route_report *report)
{
	enum status status;

	arena_reset(worker->arena);
	status = route_report_read(report, worker->arena, worker->strainer, json, len,
				   (size_t)worker->gateway->config->http_max_batch);
	for (size_t i = 0; status == ST_OK && i < report->n; i++)
		if (!report->items[i].fault &&
		    !counters_add_route(worker->lane, &report->items[i].count))
			status = ST_FULL;
	return status;
}

enum status gateway_sync(struct gateway *gateway)
{
	return spool_sync(gateway->spool);
}

void gateway_refuse(struct gateway_worker *worker, enum metric why)
{
	counters_add(worker->lane, METRIC_RECEIVED, 1);
	counters_add(worker->lane, why, 1);
}

enum status gateway_ready(struct gateway *gateway)
{
	counters_look(gateway->counters);
	return trouble_look(&gateway->trouble, gateway->config, gateway->rules, gateway->spool);
}

bool gateway_is_synced(const struct gateway *gateway)
{
	return gateway->config->spool_sync == SPOOL_SYNC_ALWAYS;
}

bool gateway_moves(const struct gateway *gateway)
{
	const struct config *config = gateway->config;

	return !config->umami_enabled || config->umami_debug || is_local(config) ||
	       counters_forwarder_moves(gateway->counters);
}

const char *gateway_key_dir(const struct gateway *gateway)
{
	return strainer_rules_dir(gateway->rules);
}

struct limit *gateway_limit(const struct gateway *gateway)
{
	return gateway->limit;
}

/* The spool's gauges are the forwarder's to set; where none runs, what this process knows. */
const struct counters *gateway_counters(const struct gateway *gateway)
{
	counters_look(gateway->counters);
	if (!counters_forwarder_runs(gateway->counters))
		counters_set(gateway->counters, METRIC_SPOOL_BYTES, spool_bytes(gateway->spool));
	return gateway->counters;
}
