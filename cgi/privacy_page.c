/*
 * privacy_page - GET /privacy: the promise of each released metric, from the registry in force.
 */
#include "counting.h"
#include "page.h"

void privacy_page(struct exchange *exchange)
{
	struct response *response = exchange->response;
	const struct intake *intake = exchange->service->intake;

	if (!intake) {
		response_error(response, 404, "not-found", "Nothing is counted here.");
		return;
	}
	response->code = 200;
	response->type = "text/html; charset=utf-8";
	response->headers =
	    "Cache-Control: max-age=3600\r\n"
	    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n";
	page_privacy(&response->body, intake_registry(intake));
}
