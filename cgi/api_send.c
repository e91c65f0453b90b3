/*
 * api_send - POST /api/send, one event, in Umami's own shapes.
 *
 * Umami answers with a token over website and session that its tracker echoes. With
 * umami.app_secret ours is genuine; without it the same constants for all say nothing of anybody.
 */
#include <string.h>

#include "api_error.h"
#include "client.h"
#include "endpoint.h"

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

/* rrweb's recorder posts events of its own kind, or wraps them in type "record". */
static bool is_recording(const struct exchange *exchange, const struct verdict *verdict)
{
	static const char *const signs[] = {"\"record\"", "\"recording\"", "\"replay\"", "rrweb"};
	const struct buf *body = exchange->body;

	if (!verdict->problem->n || strcmp(verdict->problem->items[0].place, "type") != 0)
		return false;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (memmem(body->data, body->len, signs[i], strlen(signs[i])))
			return true;
	return false;
}

static void answer_accepted(struct response *response, const struct session *session)
{
	response_set(response, 200, "");
	if (session)
		buf_addf(&response->body,
			 "{\"cache\":\"%s\",\"sessionId\":\"%s\",\"visitId\":\"%s\"}",
			 session->token, session->id, session->visit);
	else
		buf_adds(&response->body,
			 "{\"cache\":\"" SESSION_TOKEN "\",\"sessionId\":\"" SESSION_ID
			 "\",\"visitId\":\"" VISIT_ID "\"}");
}

/* As Umami answers what it drops. */
static void answer_quietly(struct response *response, const char *headers)
{
	response_set(response, 200, "{\"beep\":\"boop\"}");
	response->headers = headers;
}

void api_send(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct verdicts verdicts;

	if (!exchange_submit(exchange, false, &verdicts))
		return;
	switch (verdicts.whole.fate) {
	case FATE_ACCEPTED:
		answer_accepted(response, verdicts.whole.session);
		break;
	case FATE_BOT:
		answer_quietly(response, "X-Tamis-Reason: bot\r\n");
		break;
	case FATE_NETWORK:
		answer_quietly(response, "X-Tamis-Reason: network\r\n");
		break;
	case FATE_HOSTNAME:
		answer_quietly(response, "X-Tamis-Reason: hostname\r\n");
		break;
	case FATE_REFERRER:
		answer_quietly(response, "X-Tamis-Reason: referrer\r\n");
		break;
	case FATE_DISABLED:
		response_set(response, 200, "{\"disabled\":true}");
		break;
	case FATE_INVALID:
		if (is_recording(exchange, &verdicts.whole))
			answer_recording(response);
		else
			api_error_answer(&verdicts.whole, response);
		break;
	default:
		api_error_answer(&verdicts.whole, response);
		break;
	}
}
