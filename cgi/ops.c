/*
 * ops - what is no event: recordings (never taken), heartbeat, health and metrics.
 */
#include "endpoint.h"

void answer_recording(struct response *response)
{
	response_error(response, 403, "text-events-only",
		       "Session recordings are not taken: text events only.");
}

/* The body is not looked at. */
void api_record(struct exchange *exchange)
{
	gateway_refuse(exchange->worker, METRIC_REFUSED_RECORDING);
	answer_recording(exchange->response);
}

void api_heartbeat(struct exchange *exchange)
{
	response_set(exchange->response, 200, "{\"ok\":true}");
}

void ops_health(struct exchange *exchange)
{
	enum status st = gateway_ready(exchange->service->gateway);
	struct response *response = exchange->response;

	response->headers = "Cache-Control: no-store\r\n";
	if (st == ST_OK) {
		response_set(response, 200, "{\"alive\":true,\"takes_events\":true}");
		return;
	}
	response->code = 503;
	buf_addf(&response->body, "{\"alive\":true,\"takes_events\":false,\"reason\":\"%s\"}",
		 status_text(st));
}

void ops_metrics(struct exchange *exchange)
{
	struct response *response = exchange->response;

	if (!token_presented(&exchange->service->metrics, exchange->request->authorization)) {
		response_error(response, 404, "not-found", "Not found.");
		return;
	}
	response->type = "text/plain; version=0.0.4; charset=utf-8";
	response->headers = "Cache-Control: no-store\r\n";
	counters_text(gateway_counters(exchange->service->gateway), &response->body);
}
