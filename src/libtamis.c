/*
 * libtamis - see libtamis.h.
 *
 * This file speaks the public language: sizes of structs, numbers of errors, sentences. What
 * is done is the gateway's, by workers that the crew lends.
 */
#include "libtamis.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "crew.h"
#include "event.h"
#include "gateway.h"
#include "herald.h"
#include "page_view.h"

#define SETTINGS_MAX 64
#define SETTING_BYTES 4096
#define METRICS_BYTES ((size_t)16 << 20)
/* Umami's schema wants a website; of one's own where none is set it is this. */
#define NIL_UUID "00000000-0000-0000-0000-000000000000"
/* tamis_stop() has a second. */
#define STOP_FLUSH_MS 500
#define STOP_WAIT_MS 400

struct tamis {
	struct config *config;
	struct crew *crew; /* NULL: only settings are wanted */
	bool remote;	   /* only increments are taken */
	char *app_name;
	struct event_own own;
};

static int error_of(enum status status)
{
	static const int errors[ST_COUNT] = {
	    [ST_INVALID] = TAMIS_EINVALID,   [ST_TOO_LARGE] = TAMIS_ETOOLARGE,
	    [ST_NOT_FOUND] = TAMIS_EINVALID, [ST_DENIED] = TAMIS_EDENIED,
	    [ST_FULL] = TAMIS_EFULL,	     [ST_BUSY] = TAMIS_EBUSY,
	    [ST_NO_MEMORY] = TAMIS_ENOMEM,   [ST_IO] = TAMIS_EIO,
	    [ST_CORRUPT] = TAMIS_EIO,	     [ST_CONFIG] = TAMIS_ECONFIG,
	    [ST_LIMITED] = TAMIS_ELIMITED,   [ST_UNAVAILABLE] = TAMIS_ETIME,
	    [ST_USAGE] = TAMIS_ECONFIG,
	};

	return errors[status];
}

const char *tamis_strerror(int error)
{
	static const char *const texts[] = {
	    [-TAMIS_EINVALID] = "an argument or event is not valid",
	    [-TAMIS_ETOOLARGE] = "larger than its limit",
	    [-TAMIS_ELIMITED] = "too many events of one client",
	    [-TAMIS_EFULL] = "the spool or the disk is full",
	    [-TAMIS_EIO] = "input or output failed",
	    [-TAMIS_ENOMEM] = "out of memory",
	    [-TAMIS_ECONFIG] = "the configuration is wrong",
	    [-TAMIS_EDENIED] = "not permitted",
	    [-TAMIS_EBUSY] = "no place for another counting thread",
	    [-TAMIS_ETIME] = "not delivered in time",
	};

	if (error >= 0)
		return "done";
	return error >= TAMIS_ETIME ? texts[-error] : "unknown error";
}

const char *tamis_version(void)
{
	return TAMIS_VERSION;
}

void tamis_log(tamis_log_fn *write, void *context)
{
	herald_open(write, context);
}

static int fail(enum status status, const struct reason *reason, char *why, size_t why_size)
{
	if (why && why_size)
		(void)snprintf(why, why_size, "%s",
			       *reason->text ? reason->text : status_text(status));
	return error_of(status);
}

/* The caller's struct may be older and shorter, or newer and longer, than ours. */
static bool take_struct(void *ours, size_t size, const void *theirs, size_t least)
{
	size_t theirs_size;

	if (!theirs)
		return true;
	memcpy(&theirs_size, theirs, sizeof theirs_size);
	if (theirs_size < least)
		return false;
	memcpy(ours, theirs, theirs_size < size ? theirs_size : size);
	return true;
}

/* As the command line has them. */
static enum status load(struct config **out, const struct tamis_options *options,
			struct reason *why)
{
	const char *args[SETTINGS_MAX] = {NULL};
	enum status status = ST_OK;
	size_t n = 0;

	for (; options->settings && options->settings[n] && status == ST_OK; n++) {
		char *arg = n < SETTINGS_MAX ? malloc(strlen(options->settings[n]) + 3) : NULL;

		if (!arg)
			status =
			    reason_set(why, n < SETTINGS_MAX ? ST_NO_MEMORY : ST_USAGE,
				       "more than %d settings, or out of memory", SETTINGS_MAX);
		else
			args[n] = strcat(strcpy(arg, "--"), options->settings[n]);
	}
	if (status == ST_OK)
		status = config_load(out, options->config_path, n, args, why);
	for (n = 0; n < SETTINGS_MAX; n++)
		free((void *)(uintptr_t)args[n]);
	return status;
}

static enum status start(struct tamis *tamis, const struct tamis_options *options,
			 struct reason *why)
{
	enum crew_way way = options->flags & TAMIS_REMOTE    ? CREW_REMOTE
			    : options->flags & TAMIS_FORWARD ? CREW_FORWARD
							     : CREW_LOCAL;
	struct gateway *gateway;
	enum status status;

	if (options->app_name) {
		tamis->app_name = strdup(options->app_name);
		if (!tamis->app_name)
			return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	status = load(&tamis->config, options, why);
	if (status != ST_OK)
		return status;
	/* The application is trusted, and behind a proxy that was not named all its visitors look
	 * like one: a limit that nobody asked for would lose their events. */
	if (config_is_default(tamis->config, "limit.requests_per_minute"))
		tamis->config->limit_requests_per_minute = 0;
	if (options->flags & TAMIS_SETTINGS)
		return ST_OK;
	tamis->own.hostname = tamis->app_name;
	tamis->own.url = "/";
	tamis->own.website =
	    *tamis->config->umami_website_id ? tamis->config->umami_website_id : NIL_UUID;
	status = crew_new(&tamis->crew, tamis->config, way, why);
	tamis->remote = way == CREW_REMOTE;
	if (status == ST_OK && !tamis->remote)
		status = crew_gateway(tamis->crew, &gateway, why);
	return status;
}

static void end(struct tamis *tamis, int wait_ms)
{
	if (!tamis->crew || crew_free(tamis->crew, wait_ms))
		config_free(tamis->config);
	free(tamis->app_name);
	free(tamis);
}

int tamis_start(struct tamis **out, const struct tamis_options *options, char *why, size_t why_size)
{
	struct tamis_options given = {.size = sizeof given};
	struct reason reason = {""};
	struct tamis *tamis;
	enum status status;

	herald_begin();
	if (why && why_size)
		*why = '\0';
	if (!out || !take_struct(&given, sizeof given, options, sizeof given))
		return fail(ST_INVALID, &reason, why, why_size);
	tamis = calloc(1, sizeof *tamis);
	status = tamis ? start(tamis, &given, &reason) : ST_NO_MEMORY;
	if (status == ST_OK)
		*out = tamis;
	else if (tamis)
		end(tamis, 0);
	herald_tell();
	return status == ST_OK ? 0 : fail(status, &reason, why, why_size);
}

/* The first thing that is wrong: a place and a message, both the program's own words. */
static void explain(struct reason *reason, const struct verdict *verdict)
{
	const struct problem_item *item;

	if (verdict->fate == FATE_WEBSITE) {
		(void)reason_set(reason, ST_INVALID, "payload.website: not one of umami.websites");
	} else if (verdict->fate == FATE_INVALID && verdict->problem && verdict->problem->n) {
		item = &verdict->problem->items[0];
		(void)reason_set(reason, ST_INVALID, "%s%s%s", item->place,
				 *item->place ? ": " : "", item->message);
	}
}

/* Why an event that is valid was not kept; "" where it was. */
static const char *quiet_reason(enum fate fate)
{
	switch (fate) {
	case FATE_BOT:
		return "a bot";
	case FATE_NETWORK:
		return "shut out by exclude.networks";
	case FATE_HOSTNAME:
		return "shut out by umami.hostnames";
	case FATE_REFERRER:
		return "shut out by exclude.referrer_file";
	case FATE_DISABLED:
		return "switched off, or the visitor asks not to be tracked";
	default:
		return "";
	}
}

static int answer(const struct verdict *verdict, char *why, size_t why_size)
{
	struct reason reason = {""};

	switch (verdict->fate) {
	case FATE_ACCEPTED:
		return TAMIS_KEPT;
	case FATE_INVALID:
	case FATE_WEBSITE:
		explain(&reason, verdict);
		return fail(ST_INVALID, &reason, why, why_size);
	case FATE_REFUSED:
		return fail(verdict->status, &reason, why, why_size);
	default:
		if (why && why_size)
			(void)snprintf(why, why_size, "%s", quiet_reason(verdict->fate));
		return TAMIS_NOT_KEPT;
	}
}

/* umami.async.enabled: false: the caller wants to know what became of it. */
static int await(struct tamis *tamis, int result)
{
	const struct config *config = tamis->config;

	if (result != TAMIS_KEPT || config->async_enabled)
		return result;
	if (crew_deliver(tamis->crew, (int)config->forward_timeout * 1000) == ST_OK)
		return TAMIS_DELIVERED;
	return TAMIS_KEPT;
}

/* As gateway_accept() does; worker goes back. */
static int accept(struct tamis *tamis, struct gateway_worker *worker,
		  const struct submission *submission, char *why, size_t why_size)
{
	struct verdicts verdicts;
	int result;

	gateway_accept(worker, submission, &verdicts);
	result = answer(&verdicts.whole, why, why_size);
	gateway_forget(worker);
	crew_give(tamis->crew, worker);
	herald_tell();
	return await(tamis, result);
}

/* A handle for this machine's spool and counters. */
static bool is_here(const struct tamis *tamis)
{
	return tamis && tamis->crew && !tamis->remote;
}

int tamis_send(struct tamis *tamis, const char *json, size_t len,
	       const struct tamis_visitor *visitor, char *why, size_t why_size)
{
	struct tamis_visitor of = {.size = sizeof of};
	struct gateway_worker *worker;
	struct submission submission;
	struct reason reason = {""};
	enum status status;

	if (why && why_size)
		*why = '\0';
	if (!is_here(tamis) || !json || !take_struct(&of, sizeof of, visitor, sizeof of))
		return fail(ST_INVALID, &reason, why, why_size);
	if (len > tamis->config->http_max_body_bytes)
		status = reason_set(&reason, ST_TOO_LARGE, "larger than http.max_body_bytes");
	else
		status = crew_take(tamis->crew, &worker, &reason);
	if (status != ST_OK)
		return fail(status, &reason, why, why_size);
	submission = (struct submission){.body = json,
					 .len = len,
					 .address = of.address,
					 .user_agent = of.user_agent,
					 .own = &tamis->own,
					 .do_not_track = of.do_not_track != 0};
	return accept(tamis, worker, &submission, why, why_size);
}

/* In their order in tamis_page()'s told. */
enum told_text { TOLD_HOST, TOLD_QUERY, TOLD_REFERRER, TOLD_ADDRESS, TOLD_AGENT, TOLD_PATH, TOLD };

static void unpack(const char *texts[TOLD], const char *told)
{
	for (size_t i = 0; i < TOLD; i++) {
		texts[i] = told;
		told += strlen(told) + 1;
	}
}

int tamis_page(struct tamis *tamis, const char *route, int status, unsigned duration_us,
	       const char *told, unsigned flags)
{
	const char *texts[TOLD];
	struct gateway_worker *worker;
	struct submission submission;
	struct page_view view;
	struct event_own own;
	enum status taken;

	if (!is_here(tamis) || !route || !told)
		return TAMIS_EINVALID;
	taken = crew_take(tamis->crew, &worker, NULL);
	if (taken != ST_OK)
		return error_of(taken);
	gateway_route(worker, "GET", route, status, duration_us);
	unpack(texts, told);
	view = (struct page_view){texts[TOLD_HOST], texts[TOLD_PATH],
				  flags & TAMIS_QUERY ? texts[TOLD_QUERY] : NULL,
				  texts[TOLD_REFERRER]};
	own = tamis->own;
	own.view = &view;
	submission = (struct submission){.address = texts[TOLD_ADDRESS],
					 .user_agent = texts[TOLD_AGENT],
					 .own = &own,
					 .do_not_track = (flags & TAMIS_DNT) != 0};
	return accept(tamis, worker, &submission, NULL, 0);
}

int tamis_route(struct tamis *tamis, const char *method, const char *route, int status,
		uint64_t duration_us)
{
	struct gateway_worker *worker;
	enum status taken;

	if (!is_here(tamis) || !method || !route)
		return TAMIS_EINVALID;
	taken = crew_take(tamis->crew, &worker, NULL);
	if (taken != ST_OK)
		return error_of(taken);
	gateway_route(worker, method, route, status, duration_us);
	crew_give(tamis->crew, worker);
	return 0;
}

int tamis_count(struct tamis *tamis, const char *event_name, const char *event_id,
		const char *source, uint64_t count, char *why, size_t why_size)
{
	const struct told told = {event_name, event_id, source, count};
	struct reason reason = {""};
	enum status status;

	if (why && why_size)
		*why = '\0';
	if (!is_here(tamis) || !event_name)
		return fail(ST_INVALID, &reason, why, why_size);
	status = crew_count(tamis->crew, &told, &reason);
	herald_tell();
	return status == ST_OK ? 0 : fail(status, &reason, why, why_size);
}

int tamis_increment(struct tamis *tamis, const char *metric, const char *const *dimensions,
		    const struct tamis_visitor *visitor, char *why, size_t why_size)
{
	struct tamis_visitor of = {0};
	struct reason reason = {""};
	enum status status;

	if (why && why_size)
		*why = '\0';
	if (!tamis || !tamis->crew || !metric || !visitor ||
	    !take_struct(&of, sizeof of, visitor, sizeof of))
		return fail(ST_INVALID, &reason, why, why_size);
	if (of.do_not_track)
		return 0;
	const struct told_report told = {metric, of.address, dimensions};
	status = crew_report(tamis->crew, &told, &reason);
	herald_tell();
	return status == ST_OK ? 1 : fail(status, &reason, why, why_size);
}

int tamis_flush(struct tamis *tamis, int timeout_ms)
{
	struct gateway *gateway;
	enum status status;

	if (!tamis || !tamis->crew)
		return TAMIS_EINVALID;
	status = tamis->remote ? ST_OK : crew_gateway(tamis->crew, &gateway, NULL);
	if (status == ST_OK && !tamis->remote)
		status = gateway_sync(gateway);
	if (status == ST_OK)
		status = crew_deliver(tamis->crew, timeout_ms);
	herald_tell();
	if (status == ST_NOT_FOUND)
		return 0;
	return status == ST_OK ? 1 : error_of(status);
}

int tamis_stop(struct tamis *tamis)
{
	int result;

	if (!tamis)
		return 0;
	result = tamis->crew ? tamis_flush(tamis, STOP_FLUSH_MS) : 0;
	end(tamis, STOP_WAIT_MS);
	herald_tell();
	return result;
}

/* The whole or nothing. */
static int give_text(const struct buf *text, char *buf, size_t size)
{
	if (buf && size)
		*buf = '\0';
	if (buf && text->len < size) {
		if (text->len)
			memcpy(buf, text->data, text->len);
		buf[text->len] = '\0';
	}
	return (int)text->len;
}

int tamis_metrics(struct tamis *tamis, char *buf, size_t size)
{
	struct gateway *gateway;
	enum status status;
	struct buf text;
	int result;

	if (!is_here(tamis))
		return TAMIS_EINVALID;
	status = crew_gateway(tamis->crew, &gateway, NULL);
	if (status != ST_OK)
		return error_of(status);
	buf_init(&text, METRICS_BYTES);
	counters_text(gateway_counters(gateway), &text);
	result = buf_ok(&text) ? give_text(&text, buf, size) : TAMIS_ENOMEM;
	buf_free(&text);
	return result;
}

int tamis_budget(struct tamis *tamis, const struct tamis_visitor *visitor, char *buf, size_t size)
{
	struct tamis_visitor of = {0};
	enum status status;
	struct buf text;
	int result;

	if (!tamis || !tamis->crew || !take_struct(&of, sizeof of, visitor, sizeof of))
		return TAMIS_EINVALID;
	buf_init(&text, METRICS_BYTES);
	status = crew_budget(tamis->crew, of.address, &text);
	result = status == ST_OK ? give_text(&text, buf, size) : error_of(status);
	buf_free(&text);
	herald_tell();
	return result;
}

int tamis_setting(const struct tamis *tamis, const char *key, char *buf, size_t size)
{
	enum status status;
	struct buf text;
	int result;

	if (!tamis || !key)
		return TAMIS_EINVALID;
	buf_init(&text, SETTING_BYTES);
	status = config_get(tamis->config, key, &text);
	result = status == ST_OK ? give_text(&text, buf, size) : error_of(status);
	buf_free(&text);
	return result;
}
