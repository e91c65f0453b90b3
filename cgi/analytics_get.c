/*
 * analytics_get - what is released: GET /api/analytics/aggregate and health; and the daily job
 * for a plain cron, /api/cron/analytics-snapshot.
 *
 * Look-ups of released cells alone, so that a question asked ten thousand times has one answer.
 */
#include <string.h>

#include "clock.h"
#include "counting.h"
#include "day.h"
#include "query_text.h"

#define DAYS_TOLD 30
#define TEXT_MAX 512

struct asked {
	struct released_question question;
	char metric[64], groups[TEXT_MAX], filters[TEXT_MAX];
};

/* "state,method" */
static bool read_groups(struct asked *asked)
{
	char *rest = asked->groups, *part;

	while (*asked->groups && (part = strsep(&rest, ","))) {
		if (asked->question.n_groups == RELEASED_PARTS_MAX)
			return false;
		asked->question.groups[asked->question.n_groups++] = part;
	}
	return true;
}

/* "state:CA,method:fax" */
static bool read_filters(struct asked *asked)
{
	char *rest = asked->filters, *part;

	while (*asked->filters && (part = strsep(&rest, ","))) {
		char *colon = strchr(part, ':');
		if (!colon || asked->question.n_filters == RELEASED_PARTS_MAX)
			return false;
		*colon = '\0';
		asked->question.filter_names[asked->question.n_filters] = part;
		asked->question.filter_values[asked->question.n_filters++] = colon + 1;
	}
	return true;
}

static bool read_day(const char *query, const char *name, int32_t *day)
{
	char text[32];

	return query_text(query, name, text, sizeof(text)) &&
	       (!*text || day_parse(day, text, strlen(text)) == ST_OK);
}

/* The parameter that is wrong, or NULL. */
static const char *read_question(struct asked *asked, const struct request *request)
{
	struct released_question *q = &asked->question;
	const char *query = request->query;

	*asked = (struct asked){0};
	q->metric = asked->metric;
	q->to = (int32_t)clock_day(clock_wall_us()) - 1;
	q->csv = request->accept && strstr(request->accept, "text/csv");
	if (!query_text(query, "metric", asked->metric, sizeof(asked->metric)) || !*asked->metric)
		return "metric";
	if (!read_day(query, "to", &q->to))
		return "to";
	q->from = q->to - DAYS_TOLD + 1;
	if (!read_day(query, "from", &q->from) || q->from > q->to ||
	    q->to - q->from >= RELEASED_DAYS_MAX)
		return "from";
	if (!query_text(query, "group_by", asked->groups, sizeof(asked->groups)) ||
	    !read_groups(asked))
		return "group_by";
	if (!query_text(query, "filter", asked->filters, sizeof(asked->filters)) ||
	    !read_filters(asked))
		return "filter";
	return NULL;
}

/* Released numbers are for everyone where releases.public says so, else for a token's holder. */
static bool may_read(struct exchange *exchange)
{
	struct grant grant;

	exchange->response->headers = "Cache-Control: max-age=300\r\n";
	if (exchange->service->config->releases_public)
		return true;
	exchange->response->headers = "Cache-Control: no-store\r\n";
	switch (exchange_grant(exchange, SCOPE_READ_RELEASED, &grant)) {
	case ST_OK:
		return true;
	case ST_NOT_FOUND:
		exchange->response->headers = "WWW-Authenticate: Bearer\r\n";
		response_error(exchange->response, 401, "unauthorized",
			       "Reading releases needs a token.");
		return false;
	default:
		return false;
	}
}

static bool find_reader(struct exchange *exchange)
{
	if (*exchange->released ||
	    released_reader_new(exchange->released, exchange->service->config) == ST_OK)
		return true;
	response_error(exchange->response, 404, "not-found", "This responder reads no releases.");
	return false;
}

/* fault: the parameter that is wrong, a constant; NULL: none. */
static void answer_failure(struct response *response, enum status status, const char *fault)
{
	buf_reset(&response->body);
	response->type = NULL;
	if (status == ST_INVALID) {
		response->code = 400;
		buf_addf(&response->body,
			 "{\"error\":{\"message\":\"The parameter %s is not what it should be.\","
			 "\"code\":\"bad-request\",\"field\":\"%s\",\"status\":400}}",
			 fault, fault);
	} else if (status == ST_NOT_FOUND) {
		response_error(response, 404, "not-found", "Nothing of that name is released.");
	} else if (status == ST_TOO_LARGE) {
		response_error(response, 413, "too-large", "Too many cells: ask for fewer.");
	} else {
		response_error(response, 503, "unavailable",
			       "The releases cannot be read just now.");
	}
}

void analytics_aggregate(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct reason why = {""};
	struct asked asked;
	const char *fault;
	enum status status;

	if (!may_read(exchange))
		return;
	fault = read_question(&asked, exchange->request);
	if (fault) {
		answer_failure(response, ST_INVALID, fault);
		return;
	}
	if (!find_reader(exchange))
		return;
	response->code = 200;
	if (asked.question.csv)
		response->type = "text/csv; charset=utf-8; header=present";
	buf_adds(&response->lines, "Tamis-Privacy: ");
	status = released_answer(*exchange->released, &asked.question, &response->body,
				 &response->lines, &fault, &why);
	buf_adds(&response->lines, "\r\n");
	if (status != ST_OK || !asked.question.csv)
		buf_reset(&response->lines);
	if (status != ST_OK)
		answer_failure(response, status, fault);
}

void analytics_health(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct reason why = {""};
	enum status status;

	if (!may_read(exchange) || !find_reader(exchange))
		return;
	response->code = 200;
	status = released_health(*exchange->released, &response->body, &why);
	if (status != ST_OK)
		answer_failure(response, status, NULL);
}

void cron_snapshot(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct reason why = {""};
	struct released_job job;
	struct grant grant;
	enum status status = exchange_grant(exchange, SCOPE_OPS, &grant);

	if (status == ST_NOT_FOUND) {
		response->headers = "WWW-Authenticate: Bearer\r\n";
		response_error(response, 401, "unauthorized", "The snapshot needs a token.");
	}
	if (status != ST_OK)
		return;
	status = released_snapshot(exchange->service->config, DAY_NEVER, &job, &why);
	response->headers = "Cache-Control: no-store\r\n";
	response->code = status == ST_OK ? 200 : response_code(status);
	buf_addf(&response->body,
		 "{\"released\":%u,\"there\":%u,\"refused\":%u,\"shut\":%u,\"ok\":%s}", job.made,
		 job.there, job.refused, job.shut, status == ST_OK ? "true" : "false");
}
