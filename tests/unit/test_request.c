/*
 * Requests: the path as each web server tells it, what is taken from headers, bodies read
 * to their end under a cap and a deadline.
 */
#include <string.h>

#include "unit.h"

#include "clock.h"
#include "request.h"

static struct request reading(const char *const *environment)
{
	static char copies[16][2 * REQUEST_PATH_MAX]; /* borrowed by the request */
	char *texts[17] = {0};
	struct variable variables[16];
	struct request request;

	for (size_t i = 0; environment[i]; i++)
		texts[i] = strcpy(copies[i], environment[i]);
	request_read(&request, variables, variables_of(variables, 16, texts));
	return request;
}

#define READ(...) reading((const char *const[]){__VA_ARGS__, NULL})

static void test_path(void **state)
{
	struct request request;
	char uri[2048] = "REQUEST_URI=/";

	(void)state;
	request = READ("SCRIPT_NAME=/api/send", "REQUEST_URI=/api/send?x=1"); /* lighttpd, nginx */
	assert_string_equal(request.path, "/api/send");
	request = READ("SCRIPT_NAME=", "PATH_INFO=/api/send"); /* h2o, Caddy */
	assert_string_equal(request.path, "/api/send");
	request = READ("SCRIPT_NAME=/fcgid/x.fcgi", "PATH_INFO=/api/send"); /* mod_fcgid */
	assert_string_equal(request.path, "/fcgid/x.fcgi/api/send");
	assert_string_equal(request.path_info, "/api/send");
	request = READ("REQUEST_URI=/api/batch?x=1", "SCRIPT_NAME=", "PATH_INFO=");
	assert_string_equal(request.path, "/api/batch");
	memset(uri + strlen(uri), 'a', REQUEST_PATH_MAX);
	request = READ(uri);
	assert_string_equal(request.path, "");
	request = READ("X=1");
	assert_string_equal(request.path, "");
	assert_int_equal(request.method, METHOD_OTHER);
}

static void test_headers(void **state)
{
	struct request request;

	(void)state;
	request =
	    READ("REQUEST_METHOD=POST", "REMOTE_ADDR=203.0.113.7", "HTTP_USER_AGENT=some agent",
		 "HTTP_AUTHORIZATION=Bearer x", "HTTP_USER=no", "HTTP_DNT=0");
	assert_int_equal(request.method, METHOD_POST);
	assert_string_equal(request.address, "203.0.113.7");
	assert_string_equal(request.user_agent, "some agent");
	assert_string_equal(request.authorization, "Bearer x");
	assert_false(request.do_not_track);
	request = READ("REQUEST_METHOD=post", "HTTP_DNT=1");
	assert_int_equal(request.method, METHOD_OTHER);
	assert_true(request.do_not_track);
	assert_null(request.user_agent);
	request = READ("QUERY_STRING=url=/a", "HTTP_REFERER=https://a.example/",
		       "HTTP_ORIGIN=https://b.example", "HTTP_ACCEPT_ENCODING=gzip",
		       "HTTP_IF_NONE_MATCH=\"x\"");
	assert_string_equal(request.query, "url=/a");
	assert_string_equal(request.referer, "https://a.example/");
	assert_string_equal(request.origin, "https://b.example");
	assert_string_equal(request.accept_encoding, "gzip");
	assert_string_equal(request.if_none_match, "\"x\"");
	request = READ("HTTP_SEC_GPC=1");
	assert_true(request.do_not_track);
	request = READ("HTTP_DNT=1, 1");
	assert_true(request.do_not_track);
	request = READ("HTTP_SEC_GPC=1,1");
	assert_true(request.do_not_track);
	request = READ("HTTP_DNT=10");
	assert_false(request.do_not_track);
	request = READ("REMOTE_ADDRESS=1", "REQUEST_METHODS=GET", "SCRIPT_NAMES=/x", "H", "");
	assert_null(request.address);
	assert_string_equal(request.path, "");
}

/* Gives `total` bytes in pieces, then its end: 0, or -1 where broken. */
struct feed {
	size_t total;
	size_t given;
	size_t piece;
	int broken;
};

static long feed_read(void *context, char *data, size_t size)
{
	struct feed *feed = context;
	size_t n = feed->total - feed->given;

	if (n == 0)
		return feed->broken ? -1 : 0;
	n = n < size ? n : size;
	n = n < feed->piece ? n : feed->piece;
	memset(data, 'x', n);
	feed->given += n;
	return (long)n;
}

static enum status body_of(struct feed *feed, size_t max_bytes, int64_t patience_us, size_t *len)
{
	struct body_source source = {feed_read, feed, clock_coarse_us() + patience_us, max_bytes};
	struct buf body;
	enum status st;

	buf_init(&body, max_bytes + 2 * BODY_PIECE);
	st = request_body(&body, &source);
	*len = body.len;
	buf_free(&body);
	return st;
}

static void test_body(void **state)
{
	struct feed whole = {.total = 100000, .piece = 7};
	struct feed none = {.total = 0, .piece = 7};
	struct feed exact = {.total = 100000, .piece = 1 << 20};
	struct feed large = {.total = 100001, .piece = 1 << 20};
	struct feed larger = {.total = 5000000, .piece = 1 << 20};
	struct feed broken = {.total = 50, .piece = 10, .broken = 1};
	struct feed endless = {.total = SIZE_MAX, .piece = 1 << 20};
	struct feed slow = {.total = 50, .piece = 10};
	size_t len;

	(void)state;
	assert_int_equal(body_of(&whole, 100000, US_PER_S * 60, &len), ST_OK);
	assert_int_equal(len, 100000);
	assert_int_equal(body_of(&none, 100000, US_PER_S * 60, &len), ST_OK);
	assert_int_equal(len, 0);
	assert_int_equal(body_of(&exact, 100000, US_PER_S * 60, &len), ST_OK);
	assert_int_equal(body_of(&large, 100000, US_PER_S * 60, &len), ST_TOO_LARGE);
	assert_int_equal(body_of(&larger, 100000, US_PER_S * 60, &len), ST_TOO_LARGE);
	assert_int_equal(larger.given, larger.total);
	assert_int_equal(body_of(&broken, 100000, US_PER_S * 60, &len), ST_UNAVAILABLE);
	assert_int_equal(body_of(&endless, 100000, US_PER_S * 60, &len), ST_UNAVAILABLE);
	assert_int_equal(body_of(&slow, 100000, -1, &len), ST_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_path),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
