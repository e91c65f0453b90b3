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
#include "fate.h"
#include "problem.h"
#include "session.h"
#include "status.h"

struct gateway;
struct gateway_worker;

/* What came in; everything borrowed and raw, NULL where unknown. */
struct submission {
	const char *body;
	size_t len;
	const char *address;
	const char *user_agent;
	const char *cache; /* x-umami-cache, of a single event */
	bool batch;	   /* an array of events */
	bool do_not_track; /* DNT: 1 or Sec-GPC: 1 */
	bool imported;	   /* see struct sender */
};

struct verdict {
	enum fate fate;
	const struct session *session; /* with FATE_ACCEPTED: of Umami, NULL where unknown */
	enum status status;
	unsigned wait_s; /* with ST_LIMITED: until it will pass */
	const struct problem *problem;
};

/* The answer to a submission; lives in the worker's arena until gateway_forget(). */
struct verdicts {
	struct verdict whole; /* of a single event; of a batch only what stops it as a whole */
	size_t n;	      /* elements of a batch */
	struct verdict *items;
};

/* config is borrowed until gateway_close(). brief: the process serves one request (CGI). */
MUST_CHECK enum status gateway_open(struct gateway **out, const struct config *config,
				    struct reason *why);
MUST_CHECK enum status gateway_open_brief(struct gateway **out, const struct config *config,
					  struct reason *why);
void gateway_close(struct gateway *gateway);
MUST_CHECK enum status gateway_worker_new(struct gateway_worker **out, struct gateway *gateway);
void gateway_worker_free(struct gateway_worker *worker);

/* Never blocks on the upstream. verdicts are complete whatever happens. */
void gateway_accept(struct gateway_worker *worker, const struct submission *submission,
		    struct verdicts *verdicts);
/* The stamp that the next event gets which this worker accepts. */
struct stamp gateway_stamp(const struct gateway_worker *worker);
/* Overwrite what is raw of the last submission; its verdicts are void. */
void gateway_forget(struct gateway_worker *worker);
/* Count a request refused before it had a body worth parsing. */
void gateway_refuse(struct gateway_worker *worker, enum metric why);
/* ST_OK, or why the last event within a second could not be kept. */
MUST_CHECK enum status gateway_ready(struct gateway *gateway);
/* A forwarder makes progress or has nothing to do, or none is wanted. */
bool gateway_moves(const struct gateway *gateway);
const struct counters *gateway_counters(const struct gateway *gateway); /* for /metrics */

#endif
