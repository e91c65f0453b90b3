/*
 * ops - what is no event: recordings (never taken), heartbeat, health and metrics.
 *
 * Alive is a process that answers; ready is a system that takes events and brings them on.
 * An outage of the upstream makes it not ready, and is no reason to start anything anew.
 */
#include "endpoint.h"

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
	exchange->response->headers = "Cache-Control: no-store\r\n";
	response_set(exchange->response, 200, "{\"alive\":true}");
}

void ops_ready(struct exchange *exchange)
{
	struct gateway *gateway = exchange->service->gateway;
	struct response *response = exchange->response;
	enum status st = gateway_ready(gateway);
	bool moves = gateway_moves(gateway);

	response->headers = "Cache-Control: no-store\r\n";
	if (st == ST_OK && moves) {
		response_set(response, 200,
			     "{\"ready\":true,\"takes_events\":true,\"backlog_moves\":true}");
		return;
	}
	response->code = 503;
	buf_addf(&response->body,
		 "{\"ready\":false,\"takes_events\":%s,\"backlog_moves\":%s,\"reason\":\"%s\"}",
		 st == ST_OK ? "true" : "false", moves ? "true" : "false",
		 st == ST_OK ? "nobody forwards, or nothing is taken" : status_text(st));
}

void ops_metrics(struct exchange *exchange)
{
	struct response *response = exchange->response;

	if (!exchange_granted(exchange, SCOPE_OPS))
		return;
	response->type = "text/plain; version=0.0.4; charset=utf-8";
	response->headers = "Cache-Control: no-store\r\n";
	counters_text(gateway_counters(exchange->service->gateway), &response->body);
}
