/*
 * api_routes - POST /api/tamis/routes: what routes of applications on other hosts served.
 *
 * A report that is sent again counts again, so a sender gives one up that may have arrived.
 */
#include "endpoint.h"
#include "route_report.h"

static void answer_report(const struct route_report *report, struct buf *out)
{
	size_t errors = 0;

	for (size_t i = 0; i < report->n; i++)
		errors += report->items[i].fault != NULL;
	buf_addf(out, "{\"size\":%zu,\"counted\":%zu,\"errors\":%zu,\"details\":[", report->n,
		 report->n - errors, errors);
	for (size_t i = 0, n = 0; i < report->n; i++)
		if (report->items[i].fault)
			buf_addf(out, "%s{\"index\":%zu,\"error\":\"%s\"}", n++ ? "," : "", i,
				 report->items[i].fault);
	buf_adds(out, "]}");
}

static void answer_failure(struct response *response, enum status status)
{
	switch (status) {
	case ST_UNAVAILABLE:
		response_error(response, 408, "timeout", "The body did not come in time.");
		break;
	case ST_INVALID:
		response_error(response, 400, "bad-request", "No report of routes.");
		break;
	case ST_TOO_LARGE:
		response_error(response, 413, "too-large", "Too large.");
		break;
	default:
		response_error(response, 503, "unavailable", "Not all was counted.");
	}
}

void api_routes(struct exchange *exchange)
{
	struct buf *body = exchange->body;
	struct route_report report;
	enum status status;

	if (!exchange_granted(exchange, SCOPE_OPS))
		return;
	status = request_body(body, exchange->source);
	if (status == ST_OK)
		status = gateway_report(exchange->worker, body->data, body->len, &report);
	if (status == ST_OK)
		answer_report(&report, &exchange->response->body);
	else
		answer_failure(exchange->response, status);
}
