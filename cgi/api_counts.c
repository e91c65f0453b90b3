/*
 * api_counts - POST /api/counts: increments of declared counters, one or an array; reading
 * them is counts_get's.
 *
 * An array is answered with 200 and a verdict for each increment that was not counted, by its
 * index: whoever sends the rest again would count it twice.
 */
#include "clock.h"
#include "counting.h"

bool exchange_body(struct exchange *exchange)
{
	switch (request_body(exchange->body, exchange->source)) {
	case ST_OK:
		return true;
	case ST_UNAVAILABLE:
		response_error(exchange->response, 408, "timeout",
			       "The body did not come in time.");
		return false;
	case ST_TOO_LARGE:
		response_error(exchange->response, 413, "too-large",
			       "The body is larger than its limit.");
		return false;
	default:
		response_error(exchange->response, 503, "unavailable", "Out of memory.");
		return false;
	}
}

#define SUBJECT_SCOPES ((unsigned)SCOPE_INGEST | (unsigned)SCOPE_READ_TEAM)

enum status exchange_grant(struct exchange *exchange, unsigned scopes, struct grant *grant)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	const char *authorization = exchange->request->authorization;

	if (!authorization || !*authorization)
		return ST_NOT_FOUND;
	if (!access_grant(exchange->service->access, authorization, today, grant)) {
		exchange->response->headers = "WWW-Authenticate: Bearer\r\n";
		response_error(exchange->response, 401, "unauthorized", "This token is not valid.");
		return ST_DENIED;
	}
	/* Of one event_id it is only where those are counted and read: POST and GET /api/counts. */
	if (grant->scopes & scopes && (!*grant->subject || scopes & SUBJECT_SCOPES))
		return ST_OK;
	response_error(exchange->response, 403, "forbidden", "This token is not for that.");
	return ST_DENIED;
}

bool exchange_granted(struct exchange *exchange, unsigned scopes)
{
	struct grant grant;
	enum status status = exchange_grant(exchange, scopes, &grant);

	if (status == ST_NOT_FOUND) {
		exchange->response->headers = "WWW-Authenticate: Bearer\r\n";
		response_error(exchange->response, 401, "unauthorized", "Wants a token.");
	}
	return status == ST_OK;
}

static void answer_array(struct response *response, const struct intake_verdicts *verdicts)
{
	struct buf *out = &response->body;
	const char *comma = "";
	size_t counted = 0;

	for (size_t i = 0; i < verdicts->n; i++)
		counted += verdicts->items[i].status == ST_OK;
	response->code = 200;
	buf_addf(out, "{\"counted\":%zu,\"refused\":[", counted);
	for (size_t i = 0; i < verdicts->n; i++) {
		if (verdicts->items[i].status == ST_OK)
			continue;
		buf_addf(out, "%s{\"index\":%zu,\"error\":", comma, i);
		fault_write(out, &verdicts->items[i]);
		buf_addc(out, '}');
		comma = ",";
	}
	buf_adds(out, "]}");
}

static void counts_post(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct intake_verdicts verdicts;
	struct intake_request asked;
	char address[NET_TEXT_MAX];
	struct grant grant;

	if (!exchange_intake(exchange) || !exchange_asked(exchange, &asked, &grant, address))
		return;
	intake_counts(*exchange->intake, &asked, &verdicts);
	if (verdicts.whole.status != ST_OK)
		answer_fault(response, &verdicts.whole);
	else if (verdicts.array)
		answer_array(response, &verdicts);
	else if (verdicts.items[0].status == ST_OK)
		response_set(response, 200, "{\"counted\":1}");
	else
		answer_fault(response, &verdicts.items[0]);
}

void api_counts(struct exchange *exchange)
{
	if (exchange->request->method == METHOD_POST)
		counts_post(exchange);
	else
		counts_get(exchange);
}
