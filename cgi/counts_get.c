/*
 * counts_get - GET /api/counts: exact daily counts for a token with read:team; errors of
 * endpoints (kind=errors) for one with ops, too.
 *
 * A token with a subject sees that event_id alone. Each answer with numbers in it is in the
 * audit log before it goes out.
 */
#include <string.h>

#include "audit.h"
#include "clock.h"
#include "endpoint.h"
#include "errors.h"
#include "query_text.h"

#define DAYS_TOLD 30
/* A month of 1,000 cells; larger tables are `tamis counts --csv`. */
#define ROWS_MAX 32000

struct asked {
	struct counts_question question;
	char name[64], id[64];
	bool csv, errors;
};

/* false: the parameter is not what it should be. */
static bool read_question(struct asked *asked, const char *query)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	struct counts_question *question = &asked->question;
	char text[64];

	*asked = (struct asked){.question = {"", "", 0, today, GROUP_ALL, ROWS_MAX}};
	if (!query_text(query, "event_name", asked->name, sizeof(asked->name)) ||
	    !query_text(query, "event_id", asked->id, sizeof(asked->id)))
		return false;
	question->name = asked->name;
	question->id = asked->id;
	if (!query_text(query, "to", text, sizeof(text)) ||
	    (*text && day_parse(&question->to, text, strlen(text)) != ST_OK))
		return false;
	question->from = question->to - DAYS_TOLD + 1;
	if (!query_text(query, "from", text, sizeof(text)) ||
	    (*text && day_parse(&question->from, text, strlen(text)) != ST_OK))
		return false;
	if (!query_text(query, "group_by", text, sizeof(text)))
		return false;
	if (*text)
		question->group = counts_group_find(text, strlen(text));
	if (!query_text(query, "format", text, sizeof(text)))
		return false;
	asked->csv = strcmp(text, "csv") == 0;
	if (!query_text(query, "kind", text, sizeof(text)) ||
	    (*text && strcmp(text, "errors") != 0))
		return false;
	asked->errors = *text;
	return question->group < GROUPS && question->from <= question->to &&
	       question->to - question->from < COUNTS_DAYS_MAX;
}

static bool wants_csv(const struct asked *asked, const struct request *request)
{
	return asked->csv || (request->accept && strstr(request->accept, "text/csv"));
}

typedef enum status write_fn(struct counts_reader *reader, const struct counts_question *question,
			     struct buf *out, struct reason *why);

static void answer(struct exchange *exchange, const struct asked *asked, const struct grant *grant)
{
	struct response *response = exchange->response;
	bool csv = wants_csv(asked, exchange->request);
	write_fn *const writers[2][2] = {{counts_json, counts_csv}, {errors_json, errors_csv}};
	struct reason why = {""};
	enum status status =
	    writers[asked->errors][csv](*exchange->reader, &asked->question, &response->body, &why);

	response->code = 200;
	if (csv)
		response->type = "text/csv; charset=utf-8; header=present";
	if (status == ST_OK)
		status = audit_write(exchange->service->config, grant->id, "GET /api/counts", 200);
	if (status == ST_OK)
		return;
	buf_reset(&response->body);
	response->type = NULL;
	if (status == ST_TOO_LARGE)
		response_error(response, 413, "too-large",
			       "Too many rows: ask for fewer days, or group.");
	else
		response_error(response, 503, "unavailable", "The counts cannot be read just now.");
}

void counts_get(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct asked asked;
	struct grant grant;

	response->sharing = SHARE_NONE;
	response->headers = "Cache-Control: no-store\r\n";
	switch (exchange_grant(exchange, (unsigned)SCOPE_READ_TEAM | (unsigned)SCOPE_OPS, &grant)) {
	case ST_OK:
		break;
	case ST_NOT_FOUND:
		response->headers = "WWW-Authenticate: Bearer\r\n";
		response_error(response, 401, "unauthorized", "Reading counts needs a token.");
		return;
	default:
		return;
	}
	if (!read_question(&asked, exchange->request->query)) {
		response_error(
		    response, 400, "bad-request",
		    "Parameters are event_name, event_id, from and to (YYYY-MM-DD), group_by "
		    "(event_name, event_date, event_id, source), kind (errors) and format (json, "
		    "csv).");
		return;
	}
	if (asked.errors ? *grant.subject != '\0' : !(grant.scopes & (unsigned)SCOPE_READ_TEAM)) {
		response_error(response, 403, "forbidden", "This token is not for that.");
		return;
	}
	if (*grant.subject && !*asked.id)
		strcpy(asked.id, strlen(grant.subject) < sizeof(asked.id) ? grant.subject : "-");
	if (*grant.subject && strcmp(grant.subject, asked.id) != 0) {
		response_error(response, 403, "forbidden", "This token is for another event_id.");
		return;
	}
	if (!*exchange->reader &&
	    counts_reader_new(exchange->reader, exchange->service->config) != ST_OK) {
		response_error(response, 404, "not-found", "This responder reads no counts.");
		return;
	}
	answer(exchange, &asked, &grant);
}
