/*
 * submission - what is handed to the gateway, and what it says of it.
 */
#ifndef TAMIS_SUBMISSION_H
#define TAMIS_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>

#include "fate.h"
#include "problem.h"
#include "session.h"
#include "status.h"

struct event_own; /* event.h */

/* What came in; everything borrowed and raw, NULL where unknown. */
struct submission {
	const char *body;
	size_t len;
	const char *address;
	const char *user_agent;
	const char *cache;	     /* x-umami-cache, of a single event */
	const struct event_own *own; /* of a single event; NULL: nothing stands in */
	bool batch;		     /* an array of events */
	bool do_not_track;	     /* DNT: 1 or Sec-GPC: 1 */
	bool imported;		     /* see struct sender */
	bool unlimited;		     /* who sends it may: limit.requests_per_minute is not for it */
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

#endif
