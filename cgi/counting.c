/*
 * counting - see counting.h.
 */
#include "counting.h"

#include "client.h"

/* {"message":"event_id is missing","field":"event_id","status":400} */
void fault_write(struct buf *out, const struct intake_verdict *verdict)
{
	const struct fault *fault = &verdict->fault;

	buf_addf(out, "{\"message\":\"%s %s\",\"field\":\"%s\",\"status\":%d}",
		 *fault->field ? fault->field : "The increment", fault->text, fault->field,
		 response_code(verdict->status));
}

void answer_fault(struct response *response, const struct intake_verdict *verdict)
{
	response->code = response_code(verdict->status);
	response->retry_after_s = verdict->wait_s;
	buf_adds(&response->body, "{\"error\":");
	fault_write(&response->body, verdict);
	buf_addc(&response->body, '}');
}

bool exchange_intake(struct exchange *exchange)
{
	struct intake *intake = exchange->service->intake;

	if (!intake) {
		response_error(exchange->response, 404, "not-found", "Nothing is counted here.");
		return false;
	}
	if (*exchange->intake || intake_worker_new(exchange->intake, intake) == ST_OK)
		return true;
	response_error(exchange->response, 503, "unavailable", "Out of memory.");
	return false;
}

bool exchange_asked(struct exchange *exchange, struct intake_request *asked, struct grant *grant,
		    char address[NET_TEXT_MAX])
{
	const struct request *request = exchange->request;
	enum status status = exchange_grant(exchange, SCOPE_INGEST, grant);

	if (status == ST_DENIED || !exchange_body(exchange))
		return false;
	*asked = (struct intake_request){
	    .body = exchange->body->data,
	    .len = exchange->body->len,
	    .grant = status == ST_OK ? grant : NULL,
	    .listed_origin = exchange->response->origin != NULL,
	    .address = client_address(address, &exchange->service->proxies, request),
	    .do_not_track = request->do_not_track,
	};
	return true;
}
