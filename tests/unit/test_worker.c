/*
 * A worker: every row of paths, methods and fates, without a web server.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "unit.h"

#include "day.h"
#include "place.h"
#include "state.h"
#include "worker.h"

#define BROWSER                                                                                    \
	"HTTP_USER_AGENT=Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define EVENT "{\"type\":\"event\",\"payload\":{\"website\":\"" PLACE_WEBSITE "\",\"url\":\"/a\"}}"
#define STRANGER                                                                                   \
	"{\"type\":\"event\",\"payload\":{\"website\":\"6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10\"}}"
#define KEPT                                                                                       \
	"{\"cache\":\"tamis.keeps.none\",\"sessionId\":\"74616d69-7300-5000-8000-000000000001\","  \
	"\"visitId\":\"74616d69-7300-5000-8000-000000000002\"}"

struct stage {
	struct place *place;
	struct service service;
	struct worker *worker;
	const char *body;
	bool whole;
};

static const char *const one_website[4] = {"--umami.website_id=" PLACE_WEBSITE};

static struct stage *stage_open(const char *const extra[4])
{
	struct stage *stage = calloc(1, sizeof *stage);
	struct reason why = {""};

	stage->place = place_open(extra);
	if (service_open(&stage->service, stage->place->config, false, &why) != ST_OK)
		fail_msg("%s", why.text);
	assert_int_equal(worker_new(&stage->worker, &stage->service, &why), ST_OK);
	return stage;
}

static void stage_close(struct stage *stage)
{
	worker_free(stage->worker);
	service_close(&stage->service);
	place_close(stage->place);
	free(stage);
}

static long body_read(void *context, char *data, size_t size)
{
	struct stage *stage = context;
	size_t n = strlen(stage->body) < size ? strlen(stage->body) : size;

	memcpy(data, stage->body, n);
	stage->body += n;
	return (long)n;
}

/* variable: one more of the environment, or NULL. */
static const char *ask(struct stage *stage, const char *method, const char *path,
		       const char *variable, const char *body)
{
	char method_[64], path_[1200], browser[] = BROWSER, more[128];
	char *environment[] = {method_, path_, browser, variable ? more : NULL, NULL};
	struct variable variables[4];

	snprintf(method_, sizeof method_, "REQUEST_METHOD=%s", method);
	snprintf(path_, sizeof path_, "SCRIPT_NAME=%s", path);
	snprintf(more, sizeof more, "%s", variable ? variable : "");
	stage->body = body;
	return worker_answer(stage->worker, variables, variables_of(variables, 4, environment),
			     body_read, stage, &stage->whole)
	    ->data;
}

static void expect(const char *answer, int code, const char *body)
{
	char status[32];
	const char *end = strstr(answer, "\r\n\r\n");

	snprintf(status, sizeof status, "Status: %d ", code);
	if (strncmp(answer, status, strlen(status)) != 0)
		fail_msg("wanted %s, got %s", status, answer);
	assert_non_null(end);
	assert_string_equal(end + 4, body);
}

static uint64_t count(const struct stage *stage, enum metric metric)
{
	return counters_get(gateway_counters(stage->service.gateway), metric);
}

static void test_send(void **state)
{
	struct stage *stage = stage_open(one_website);
	const char *answer;

	(void)state;
	answer = ask(stage, "POST", "/api/send", NULL, EVENT);
	expect(answer, 200, KEPT);
	assert_non_null(strstr(answer, "Access-Control-Allow-Origin: *\r\n"));
	answer = ask(stage, "POST", "/api/send", "HTTP_USER_AGENT=curl/8.0", EVENT);
	expect(answer, 200, "{\"beep\":\"boop\"}");
	assert_non_null(strstr(answer, "\r\nX-Tamis-Reason: bot\r\n"));
	expect(ask(stage, "POST", "/api/send", "HTTP_SEC_GPC=1", EVENT), 200,
	       "{\"disabled\":true}");
	expect(ask(stage, "POST", "/api/send", NULL, STRANGER), 400,
	       "{\"error\":{\"message\":\"Website not "
	       "found.\",\"code\":\"bad-request\",\"status\":400}}");
	expect(ask(stage, "POST", "/api/send", "HTTP_USER_AGENT=curl/8.0", STRANGER), 400,
	       "{\"error\":{\"message\":\"Website not "
	       "found.\",\"code\":\"bad-request\",\"status\":400}}");
	expect(ask(stage, "POST", "/api/send", NULL, ""), 400,
	       "{\"error\":{\"message\":\"Bad "
	       "request\",\"code\":\"bad-request\",\"status\":400,\"errors\":"
	       "[\"Invalid input: expected object, received undefined\"]}}");
	expect(ask(stage, "POST", "/api/send", NULL,
		   "{\"type\":\"record\",\"payload\":{\"events\":[]}}"),
	       403,
	       "{\"error\":{\"message\":\"Session recordings are not taken: text events "
	       "only.\",\"code\":\"text-events-only\",\"status\":403}}");
	assert_int_equal(count(stage, METRIC_RECEIVED), 7);
	assert_int_equal(count(stage, METRIC_ACCEPTED), 1);
	assert_int_equal(count(stage, METRIC_REFUSED_BOT), 1);
	assert_int_equal(count(stage, METRIC_REFUSED_DNT), 1);
	assert_int_equal(count(stage, METRIC_REFUSED_WEBSITE), 2);
	assert_int_equal(count(stage, METRIC_REFUSED_INVALID), 2);
	stage_close(stage);
}

static void test_batch(void **state)
{
	struct stage *stage = stage_open(one_website);

	(void)state;
	expect(ask(stage, "POST", "/api/batch", NULL, "[]"), 200,
	       "{\"size\":0,\"processed\":0,\"errors\":0,\"details\":[],\"cache\":null}");
	expect(ask(stage, "POST", "/api/batch", NULL, "[" EVENT "," STRANGER "," EVENT "]"), 200,
	       "{\"size\":3,\"processed\":2,\"errors\":1,\"details\":[{\"index\":1,\"response\":{"
	       "\"error\":{"
	       "\"message\":\"Website not found.\",\"code\":\"bad-request\",\"status\":400}}}],"
	       "\"cache\":\"tamis.keeps.none\"}");
	expect(ask(stage, "POST", "/api/batch", "HTTP_USER_AGENT=curl/8.0", "[" EVENT "]"), 200,
	       "{\"size\":1,\"processed\":1,\"errors\":0,\"details\":[]}");
	expect(ask(stage, "POST", "/api/batch", NULL, EVENT), 400,
	       "{\"error\":{\"message\":\"Bad "
	       "request\",\"code\":\"bad-request\",\"status\":400,\"errors\":"
	       "[\"Invalid input: expected array, received object\"]}}");
	expect(ask(stage, "POST", "/api/batch", "HTTP_DNT=1", "[" EVENT "]"), 200,
	       "{\"disabled\":true}");
	assert_int_equal(count(stage, METRIC_ACCEPTED), 2);
	assert_int_equal(count(stage, METRIC_RECEIVED), 6);
	stage_close(stage);
}

static void test_paths(void **state)
{
	struct stage *stage = stage_open(one_website);
	const char *answer;

	(void)state;
	answer = ask(stage, "OPTIONS", "/api/send", NULL, "");
	expect(answer, 204, "");
	assert_non_null(strstr(answer, "\r\nAllow: OPTIONS, POST\r\n"));
	assert_null(strstr(answer, "Content-Type"));
	expect(ask(stage, "GET", "/api/send", NULL, ""), 405, "");
	expect(ask(stage, "PUT", "/api/batch", NULL, EVENT), 405, "");
	answer = ask(stage, "POST", "/api/send/", NULL, EVENT);
	expect(answer, 308, "/api/send");
	assert_non_null(strstr(answer, "\r\nLocation: /api/send\r\n"));
	answer = ask(stage, "POST", "/api/nope", NULL, EVENT);
	expect(answer, 404,
	       "{\"error\":{\"message\":\"Not found.\",\"code\":\"not-found\",\"status\":404}}");
	assert_non_null(strstr(answer, "Access-Control-Allow-Origin: *\r\n"));
	expect(ask(stage, "POST", "/API/send", NULL, EVENT), 404,
	       "{\"error\":{\"message\":\"Not found.\",\"code\":\"not-found\",\"status\":404}}");
	expect(ask(stage, "GET", "/api/heartbeat", NULL, ""), 200, "{\"ok\":true}");
	expect(ask(stage, "HEAD", "/api/heartbeat", NULL, ""), 200, "");
	expect(ask(stage, "GET", "/healthz", NULL, ""), 200, "{\"alive\":true}");
	expect(ask(stage, "GET", "/readyz", NULL, ""), 503,
	       "{\"ready\":false,\"takes_events\":true,\"backlog_moves\":false,"
	       "\"reason\":\"nobody forwards, or nothing is taken\"}");
	expect(ask(stage, "POST", "/stats/t.cgi", "PATH_INFO=/api/send", EVENT), 200, KEPT);
	expect(ask(stage, "POST", "/api/record", NULL, EVENT), 403,
	       "{\"error\":{\"message\":\"Session recordings are not taken: text events "
	       "only.\",\"code\":\"text-events-only\",\"status\":403}}");
	assert_int_equal(count(stage, METRIC_REFUSED_RECORDING), 1);
	assert_int_equal(count(stage, METRIC_ACCEPTED), 1);
	assert_true(stage->whole);
	stage_close(stage);
}

/* Names of the site's own stand for three of the paths; /api/send keeps its own besides. */
static void test_names(void **state)
{
	const char *const extra[4] = {"--umami.website_id=" PLACE_WEBSITE,
				      "--tracker.script_path=/js/s.js",
				      "--tracker.collect_path=/in", "--tracker.pixel_path=/dot"};
	static const char missing[] =
	    "{\"error\":{\"message\":\"Not found.\",\"code\":\"not-found\",\"status\":404}}";
	struct stage *stage = stage_open(extra);
	const char *answer;

	(void)state;
	answer = ask(stage, "GET", "/js/s.js", NULL, "");
	assert_non_null(strstr(answer, "\r\n\r\n{const up=\"..\",collect=\"/in\";const "));
	assert_non_null(strstr(answer, "\r\nETag: \""));
	answer = ask(stage, "GET", "/js/s.js", "HTTP_ACCEPT_ENCODING=gzip", "");
	assert_non_null(strstr(answer, "\r\nContent-Encoding: gzip\r\n"));
	expect(ask(stage, "GET", "/js/s.js", "HTTP_IF_NONE_MATCH=*", ""), 304, "");
	expect(ask(stage, "GET", "/script.js", NULL, ""), 404, missing);
	expect(ask(stage, "GET", "/pixel.gif", NULL, ""), 404, missing);
	expect(ask(stage, "POST", "/in", NULL, EVENT), 200, KEPT);
	expect(ask(stage, "POST", "/api/send", NULL, EVENT), 200, KEPT);
	expect(ask(stage, "POST", "/stats", "PATH_INFO=/in", EVENT), 200, KEPT);
	answer = ask(stage, "GET", "/dot", "QUERY_STRING=url=/%41", "");
	assert_non_null(strstr(answer, "\r\nContent-Type: image/gif\r\nContent-Length: 43\r\n"));
	assert_int_equal(count(stage, METRIC_ACCEPTED), 4);
	stage_close(stage);
}

static void test_limits(void **state)
{
	const char *const extra[4] = {"--http.max_body_bytes=1024", "--http.max_batch=2"};
	struct stage *stage = stage_open(extra);
	char large[4096];

	(void)state;
	memset(large, ' ', sizeof large);
	large[sizeof large - 1] = '\0';
	expect(ask(stage, "POST", "/api/send", NULL, large), 413,
	       "{\"error\":{\"message\":\"Too large.\",\"code\":\"too-large\",\"status\":413}}");
	assert_true(stage->whole);
	expect(ask(stage, "POST", "/api/batch", NULL, "[" EVENT "," EVENT "," EVENT "]"), 413,
	       "{\"error\":{\"message\":\"Too large.\",\"code\":\"too-large\",\"status\":413}}");
	assert_int_equal(count(stage, METRIC_REFUSED_TOO_LARGE), 2);
	stage_close(stage);
}

static void test_switched_off(void **state)
{
	const char *const extra[4] = {"--umami.enabled=false"};
	struct stage *stage = stage_open(extra);

	(void)state;
	expect(ask(stage, "POST", "/api/send", NULL, EVENT), 200, "{\"disabled\":true}");
	expect(ask(stage, "POST", "/api/batch", NULL, "[" EVENT "]"), 200, "{\"disabled\":true}");
	assert_int_equal(count(stage, METRIC_REFUSED_DISABLED), 2);
	stage_close(stage);
}

/* "HTTP_AUTHORIZATION=Bearer ..." of a new token, which the responder knows at once. */
static const char *bearer(struct stage *stage, unsigned scopes)
{
	static char text[100];
	char path[STATE_PATH_BYTES], token[TOKEN_TEXT_BYTES];
	struct grant grant = {.scopes = scopes, .expires = DAY_NEVER};

	assert_int_equal(access_make(access_path(path, stage->place->config), &grant, token, NULL),
			 ST_OK);
	access_close(stage->service.access);
	assert_int_equal(access_open(&stage->service.access, path, NULL), ST_OK);
	snprintf(text, sizeof text, "HTTP_AUTHORIZATION=Bearer %s", token);
	return text;
}

static void test_metrics(void **state)
{
	struct stage *stage = stage_open(one_website);
	const char *answer;

	(void)state;
	expect(ask(stage, "GET", "/metrics", NULL, ""), 401,
	       "{\"error\":{\"message\":\"Wants a "
	       "token.\",\"code\":\"unauthorized\",\"status\":401}}");
	expect(ask(stage, "GET", "/metrics", "HTTP_AUTHORIZATION=Bearer another token", ""), 401,
	       "{\"error\":{\"message\":\"This token is not valid.\",\"code\":\"unauthorized\","
	       "\"status\":401}}");
	expect(ask(stage, "GET", "/metrics", bearer(stage, SCOPE_READ_TEAM), ""), 403,
	       "{\"error\":{\"message\":\"This token is not for that.\",\"code\":\"forbidden\","
	       "\"status\":403}}");
	(void)ask(stage, "POST", "/api/send", NULL, EVENT);
	answer = ask(stage, "GET", "/metrics", bearer(stage, SCOPE_OPS), "");
	assert_int_equal(strncmp(answer, "Status: 200 ", 12), 0);
	assert_non_null(
	    strstr(answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(answer, "\ntamis_events_accepted_total 1\n"));
	assert_non_null(strstr(answer, "\ntamis_page_views_total{http_route=\"/a\"} 1\n"));
	assert_null(strstr(answer, "Access-Control"));
	stage_close(stage);
}

#define ITEM(method, route, status, first, us)                                                     \
	"{\"method\":\"" method "\",\"route\":\"" route "\",\"status\":" status                    \
	",\"buckets\":[" first ",0,0,0,0,0,0,0,0,0,0,0,0,2],\"duration_us\":" us "}"
#define ROUTES(items) "{\"routes\":[" items "]}"

static void test_routes(void **state)
{
	static const struct {
		const char *items, *fault;
	} faults[] = {
	    {"7", "an object"},
	    {ITEM("", "/a", "200", "1,0", "9"), "method: a string of 1 to 32 bytes"},
	    {ITEM("GET", "/a?x=1", "200", "1,0", "9"),
	     "route: a template of 1 to 1024 bytes, without a query"},
	    {ITEM("GET", "/a", "1000", "1,0", "9"), "status: a number of 0 to 999"},
	    {ITEM("GET", "/a", "200", "1", "9"), "buckets: 15 whole numbers of 0 to 1e15"},
	    {ITEM("GET", "/a", "200", "1,-1", "9"), "buckets: 15 whole numbers of 0 to 1e15"},
	    {ITEM("GET", "/a", "200", "1,0.5", "9"), "buckets: 15 whole numbers of 0 to 1e15"},
	    {ITEM("GET", "/a", "200", "1,0", "1e16"), "duration_us: a whole number of 0 to 1e15"},
	};
	static const char series[] =
	    "{http_request_method=\"GET\",http_route=\"/a/{id}\",http_response_status_code=\"200\"";
	static const char *const extra[4] = {"--http.max_batch=2"};
	struct stage *stage = stage_open(extra);
	const char *ops = bearer(stage, SCOPE_OPS);
	char line[256];
	struct buf text;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		char body[512], answer[256];

		snprintf(body, sizeof body, ROUTES("%s,%s"),
			 ITEM("GET", "/a/{id}", "200", "3,4", "1000"), faults[i].items);
		snprintf(answer, sizeof answer,
			 "{\"size\":2,\"counted\":1,\"errors\":1,\"details\":[{\"index\":1,"
			 "\"error\":\"%s\"}]}",
			 faults[i].fault);
		expect(ask(stage, "POST", "/api/tamis/routes", ops, body), 200, answer);
	}
	buf_init(&text, (size_t)1 << 20);
	counters_text(gateway_counters(stage->service.gateway), &text);
	snprintf(line, sizeof line, "_bucket%s,le=\"0.01\"} 56\n", series);
	assert_non_null(strstr(text.data, line));
	snprintf(line, sizeof line, "_count%s} 72\n", series);
	assert_non_null(strstr(text.data, line));
	snprintf(line, sizeof line, "_sum%s} 0.008000\n", series);
	assert_non_null(strstr(text.data, line));
	buf_free(&text);
	expect(ask(stage, "POST", "/api/tamis/routes", ops, "{\"routes\":7}"), 400,
	       "{\"error\":{\"message\":\"No report of routes.\",\"code\":\"bad-request\","
	       "\"status\":400}}");
	expect(ask(stage, "POST", "/api/tamis/routes", ops, ROUTES("1,2,3")), 413,
	       "{\"error\":{\"message\":\"Too large.\",\"code\":\"too-large\",\"status\":413}}");
	expect(ask(stage, "POST", "/api/tamis/routes", NULL, ROUTES("")), 401,
	       "{\"error\":{\"message\":\"Wants a "
	       "token.\",\"code\":\"unauthorized\",\"status\":401}}");
	expect(ask(stage, "POST", "/api/tamis/routes", bearer(stage, SCOPE_INGEST), ROUTES("")),
	       403,
	       "{\"error\":{\"message\":\"This token is not for that.\",\"code\":\"forbidden\","
	       "\"status\":403}}");
	stage_close(stage);
}

/* The sixth event of one address is refused, others' go on; a batch counts its elements. */
static void test_rate(void **state)
{
	static const char *const limited[4] = {"--umami.website_id=" PLACE_WEBSITE,
					       "--limit.requests_per_minute=1", "--limit.burst=5"};
	static const char refusal[] = "{\"error\":{\"message\":\"Too many events: try again "
				      "later.\",\"code\":\"too-many-requests\",\"status\":429}}";
	struct stage *stage = stage_open(limited);
	const char *answer;

	(void)state;
	for (int i = 0; i < 3; i++)
		expect(ask(stage, "POST", "/api/send", "REMOTE_ADDR=192.0.2.7", EVENT), 200, KEPT);
	answer = ask(stage, "POST", "/api/batch", "REMOTE_ADDR=192.0.2.7",
		     "[" EVENT "," EVENT "," EVENT "]");
	expect(answer, 429, refusal);
	assert_non_null(strstr(answer, "\r\nRetry-After: "));
	assert_int_equal(count(stage, METRIC_REFUSED_RATE), 3);
	assert_int_equal(count(stage, METRIC_RECEIVED), 6);
	expect(ask(stage, "POST", "/api/send", "REMOTE_ADDR=192.0.2.7", EVENT), 200, KEPT);
	expect(ask(stage, "POST", "/api/send", "REMOTE_ADDR=192.0.2.7", EVENT), 429, refusal);
	expect(ask(stage, "POST", "/api/send", "REMOTE_ADDR=192.0.2.8", EVENT), 200, KEPT);
	for (int i = 0; i < 9; i++)
		expect(ask(stage, "POST", "/api/send", "REMOTE_ADDR=127.0.0.1", EVENT), 200, KEPT);
	assert_int_equal(count(stage, METRIC_REFUSED_RATE), 4);
	assert_int_equal(count(stage, METRIC_ACCEPTED), 14);
	stage_close(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_send),	 cmocka_unit_test(test_batch),
	    cmocka_unit_test(test_paths),	 cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_switched_off), cmocka_unit_test(test_metrics),
	    cmocka_unit_test(test_rate),	 cmocka_unit_test(test_names),
	    cmocka_unit_test(test_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
