/*
 * analytics - POST /api/analytics/increment: increments by dimensions, for releases.
 *
 * 200 with a verdict for each that was not counted; nothing of what was sent is said again.
 */
#include "counting.h"

static void answer(struct response *response, const struct intake_verdicts *verdicts)
{
	struct buf *out = &response->body;
	const char *comma = "";
	size_t accepted = 0;

	for (size_t i = 0; i < verdicts->n; i++)
		accepted += verdicts->items[i].status == ST_OK;
	response->code = 200;
	buf_addf(out, "{\"accepted\":%zu,\"rejected\":[", accepted);
	for (size_t i = 0; i < verdicts->n; i++) {
		const struct fault *fault = &verdicts->items[i].fault;
		if (verdicts->items[i].status == ST_OK)
			continue;
		buf_addf(out, "%s{\"index\":%zu,\"reason\":\"%s %s\"}", comma, i,
			 *fault->field ? fault->field : "The increment", fault->text);
		comma = ",";
	}
	buf_adds(out, "]}");
}

void analytics_increment(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct intake_verdicts verdicts;
	struct intake_request asked;
	char address[NET_TEXT_MAX];
	struct grant grant;

	if (!exchange_intake(exchange) || !exchange_asked(exchange, &asked, &grant, address))
		return;
	intake_reports(*exchange->intake, &asked, &verdicts);
	if (verdicts.whole.status == ST_OK)
		answer(response, &verdicts);
	else
		answer_fault(response, &verdicts.whole);
}
