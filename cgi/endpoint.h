/*
 * endpoint - what one request is answered with: the functions of routes.def.
 */
#ifndef TAMIS_CGI_ENDPOINT_H
#define TAMIS_CGI_ENDPOINT_H

#include "access.h"
#include "config.h"
#include "counts.h"
#include "gateway.h"
#include "intake.h"
#include "net.h"
#include "released.h"
#include "request.h"
#include "response.h"
#include "tracker.h"

struct service { /* one process'; read only once it runs */
	const struct config *config;
	struct gateway *gateway;
	struct nets proxies;   /* trusted ones in front of the web server */
	struct access *access; /* tokens with scopes */
	struct intake *intake; /* of declared counters; NULL: nothing is counted here */
};

struct exchange { /* one request being answered */
	const struct service *service;
	struct gateway_worker *worker;
	const struct request *request;
	const struct body_source *source;  /* of the body, for who takes one */
	struct buf *body;		   /* room for it */
	struct tracker *tracker;	   /* the worker's, made when it is first asked for */
	struct intake_worker **intake;	   /* likewise, and */
	struct released_reader **released; /* likewise, and these: */
	struct counts_reader **reader;	   /* this one, too */
	struct response *response;
};

/*
 * What Umami answers with names the visitor's session; its tracker only echoes it. Ours are
 * constants, so they say nothing of anybody.
 */
#define SESSION_TOKEN "tamis.keeps.none"
#define SESSION_ID "74616d69-7300-5000-8000-000000000001"
#define VISIT_ID "74616d69-7300-5000-8000-000000000002"

typedef void endpoint_fn(struct exchange *exchange);

endpoint_fn privacy_page, analytics_aggregate, analytics_health, analytics_increment, cron_snapshot, counts_get,
    api_send, api_batch, api_record, api_heartbeat, api_counts, api_routes, get_script, get_pixel,
    ops_health, ops_ready, ops_metrics;

/* ST_CONFIG: a name of the site's own in tracker.* is another route's path. */
MUST_CHECK enum status routes_check(const struct config *config, struct reason *why);

/* Find the route and answer: 404, 405, preflight and redirection included. */
void route_answer(struct exchange *exchange);

/*
 * Read the body and pass it through the gateway. False: the response says why there are no
 * verdicts, and it was counted.
 */
bool exchange_submit(struct exchange *exchange, bool batch, struct verdicts *verdicts);
/* Read the body into exchange->body. False: the response says why it did not come in. */
bool exchange_body(struct exchange *exchange);
/*
 * The grant of the request's token. ST_NOT_FOUND: it presents none. ST_DENIED: the response
 * says that it is not valid, or for none of these scopes.
 */
MUST_CHECK enum status exchange_grant(struct exchange *exchange, unsigned scopes,
				      struct grant *grant);
/* For an endpoint that nobody without such a token may use. False: the response says why not. */
bool exchange_granted(struct exchange *exchange, unsigned scopes);
/* The same for a body that is here already. */
void exchange_accept(struct exchange *exchange, bool batch, struct verdicts *verdicts);
/* 403: text events only. */
void answer_recording(struct response *response);

#endif
