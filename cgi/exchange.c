/*
 * exchange - what several endpoints do alike with a request: see endpoint.h.
 */
#include "api_error.h"
#include "client.h"
#include "clock.h"
#include "endpoint.h"

/*
 * An application sends for all of its visitors: with a token it has no limit. Who brings
 * another header gets what everybody gets: Umami's clients may have their own reasons for one.
 */
static bool may_count(const struct exchange *exchange)
{
	const char *authorization = exchange->request->authorization;
	struct grant grant;

	return authorization && *authorization &&
	       access_grant(exchange->service->access, authorization,
			    (int32_t)clock_day(clock_wall_us()), &grant) &&
	       (grant.scopes & (unsigned)SCOPE_INGEST);
}

void exchange_accept(struct exchange *exchange, bool batch, struct verdicts *verdicts)
{
	const struct request *request = exchange->request;
	char address[NET_TEXT_MAX];
	const struct submission submission = {
	    .body = exchange->body->data,
	    .len = exchange->body->len,
	    .address = client_address(address, &exchange->service->proxies, request),
	    .user_agent = request->user_agent,
	    .cache = batch ? NULL : request->cache,
	    .batch = batch,
	    .do_not_track = request->do_not_track,
	    .unlimited = may_count(exchange),
	};

	gateway_accept(exchange->worker, &submission, verdicts);
}

bool exchange_submit(struct exchange *exchange, bool batch, struct verdicts *verdicts)
{
	struct verdict broken = {.fate = FATE_REFUSED};

	broken.status = request_body(exchange->body, exchange->source);
	if (broken.status == ST_UNAVAILABLE) {
		gateway_refuse(exchange->worker, METRIC_REFUSED_ERROR);
		response_error(exchange->response, 408, "timeout",
			       "The body did not come in time.");
		return false;
	}
	if (broken.status != ST_OK) {
		gateway_refuse(exchange->worker, broken.status == ST_TOO_LARGE
						     ? METRIC_REFUSED_TOO_LARGE
						     : METRIC_REFUSED_ERROR);
		api_error_answer(&broken, exchange->response);
		return false;
	}
	exchange_accept(exchange, batch, verdicts);
	return true;
}

void answer_recording(struct response *response)
{
	response_error(response, 403, "text-events-only",
		       "Session recordings are not taken: text events only.");
}
