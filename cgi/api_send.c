/*
 * api_send - POST /api/send, one event, in Umami's own shapes.
 *
 * Umami answers with a token over website and session that its tracker echoes. With
 * umami.app_secret ours is genuine; without it the same constants for all say nothing of anybody.
 */
#include <string.h>

#include "api_error.h"
#include "endpoint.h"

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
