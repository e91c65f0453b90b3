/*
 * gateway - the pipeline from a request's body to the spool.
 *
 *   event_parse -> event_sanitize -> spool_append -> counters_accept
 *
 * One gateway per process, one worker per thread. Knows nothing of HTTP; links no curl.
 */
#ifndef TAMIS_GATEWAY_H
#define TAMIS_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "counters.h"
#include "status.h"
#include "submission.h"

struct gateway;
struct gateway_worker;
struct limit;
struct route_report; /* route_report.h */

/* config is borrowed until gateway_close(). brief: the process serves one request (CGI). */
MUST_CHECK enum status gateway_open(struct gateway **out, const struct config *config,
				    struct reason *why);
MUST_CHECK enum status gateway_open_brief(struct gateway **out, const struct config *config,
					  struct reason *why);
void gateway_close(struct gateway *gateway);
/*
 * In a child of fork(), instead of closing: let go of the parent's files, so that they are
 * its alone. Nothing else of the gateway may be used. Async-signal-safe.
 */
void gateway_disown(struct gateway *gateway);
/* With umami.debug events go there instead of to a terminal at standard error. Before the first
 * worker. */
typedef void gateway_show_fn(void *context, const char *json, size_t len);
void gateway_show(struct gateway *gateway, gateway_show_fn *show, void *context);
MUST_CHECK enum status gateway_worker_new(struct gateway_worker **out, struct gateway *gateway);
void gateway_worker_free(struct gateway_worker *worker);

/* Never blocks on the upstream. verdicts are complete whatever happens. */
void gateway_accept(struct gateway_worker *worker, const struct submission *submission,
		    struct verdicts *verdicts);
/* The stamp that the next event gets which this worker accepts. */
struct stamp gateway_stamp(const struct gateway_worker *worker);
/* Overwrite what is raw of the last submission; its verdicts are void. */
void gateway_forget(struct gateway_worker *worker);
/* One request that a route of the caller's own served. */
void gateway_route(struct gateway_worker *worker, const char *method, const char *route, int status,
		   uint64_t duration_us);
/*
 * What routes of another host served; a faulty item is not counted. The report is void with
 * gateway_forget(). See route_report.h for the outcomes, besides ST_FULL: not all was counted.
 */
MUST_CHECK enum status gateway_report(struct gateway_worker *worker, const char *json, size_t len,
				      struct route_report *report);
/* Count a request refused before it had a body worth parsing. */
void gateway_refuse(struct gateway_worker *worker, enum metric why);
/* What was accepted before is on the disk, whatever spool.sync says. */
MUST_CHECK enum status gateway_sync(struct gateway *gateway);
/* ST_OK, or why no event can be kept: there is no key of the day, or trouble (trouble.h). */
MUST_CHECK enum status gateway_ready(struct gateway *gateway);
/* Each event waits for the disk (spool.sync: always). */
bool gateway_is_synced(const struct gateway *gateway);
/* A forwarder makes progress or has nothing to do, or none is wanted. */
bool gateway_moves(const struct gateway *gateway);
/* The table of clients' allowances, NULL where there is none; the gateway's. */
struct limit *gateway_limit(const struct gateway *gateway);
/* The directory of the day's key, on tmpfs. */
const char *gateway_key_dir(const struct gateway *gateway);
const struct counters *gateway_counters(const struct gateway *gateway); /* for /metrics */

#endif
