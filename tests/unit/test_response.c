/*
 * Answers: the head, Umami's error tree.
 */
#include <string.h>

#include "unit.h"

#include "api_error.h"

static void test_write(void **state)
{
	struct response response;
	struct buf out;

	(void)state;
	response_init(&response);
	buf_init(&out, 4096);
	response_set(&response, 200, "{}");
	response_write(&response, false, &out);
	assert_string_equal(out.data, "Status: 200 OK\r\nContent-Type: application/json\r\n"
				      "Content-Length: 2\r\n\r\n{}");
	response_write(&response, true, &out);
	assert_string_equal(out.data, "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n");
	response_reset(&response);
	response.code = 405;
	response.sharing = SHARE_API;
	response.headers = "Allow: POST\r\n";
	response_write(&response, false, &out);
	assert_string_equal(out.data, "Status: 405 Method Not Allowed\r\n"
				      "Access-Control-Allow-Origin: *\r\n"
				      "Access-Control-Allow-Headers: *\r\n"
				      "Access-Control-Allow-Methods: GET, DELETE, POST, PUT\r\n"
				      "Access-Control-Max-Age: 86400\r\n"
				      "Cache-Control: no-cache\r\nAllow: POST\r\n\r\n");
	response.headers = NULL;
	response.lists_origins = true;
	response.origin = "https://a.example"; /* not for what no page sends events to */
	response_write(&response, false, &out);
	assert_null(strstr(out.data, "Credentials"));
	assert_null(strstr(out.data, "Vary"));
	response.sharing = SHARE_EVENTS;
	response_write(&response, false, &out);
	assert_string_equal(
	    out.data, "Status: 405 Method Not Allowed\r\nVary: Origin\r\n"
		      "Access-Control-Allow-Origin: https://a.example\r\n"
		      "Access-Control-Allow-Credentials: true\r\n"
		      "Access-Control-Allow-Headers: Authorization, Content-Type, X-Umami-Cache\r\n"
		      "Access-Control-Allow-Methods: GET, DELETE, POST, PUT\r\n"
		      "Access-Control-Max-Age: 86400\r\n"
		      "Cache-Control: no-cache\r\n\r\n");
	response.sharing = SHARE_FILE;
	response.origin = NULL;
	response_write(&response, false, &out);
	assert_string_equal(out.data, "Status: 405 Method Not Allowed\r\nVary: Origin\r\n"
				      "Access-Control-Allow-Origin: *\r\n\r\n");
	response_free(&response);
	buf_free(&out);
}

static void check_tree(const struct problem *problem, const char *expected)
{
	struct verdict verdict = {.fate = FATE_INVALID, .status = ST_INVALID, .problem = problem};
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(api_error_write(&verdict, &out), 400);
	assert_non_null(strstr(out.data, "\"status\":400,"));
	assert_string_equal(strstr(out.data, "\"status\":400,") + strlen("\"status\":400,"),
			    expected);
	buf_free(&out);
}

static void test_tree(void **state)
{
	struct problem whole = {1, {{"", "Invalid input"}}};
	struct problem deep = {3,
			       {{"payload.website", "Invalid UUID"},
				{"type", "Invalid option: expected one of \"event\""},
				{"payload.lcp", "Too big"}}};
	struct problem twice = {2, {{"payload.website", "one"}, {"payload.website", "two"}}};
	struct problem alike = {2, {{"a", "x"}, {"ab", "y"}}};
	struct problem items = {1, {{"[2]", "x"}}};

	(void)state;
	check_tree(&whole, "\"errors\":[\"Invalid input\"]}}");
	check_tree(&deep,
		   "\"errors\":[],\"properties\":{\"payload\":{\"errors\":[],\"properties\":{"
		   "\"website\":{\"errors\":[\"Invalid UUID\"]},\"lcp\":{\"errors\":[\"Too "
		   "big\"]}}},\"type\":{\"errors\":[\"Invalid option: expected one of "
		   "\\\"event\\\"\"]}}}}");
	check_tree(&twice,
		   "\"errors\":[],\"properties\":{\"payload\":{\"errors\":[],\"properties\":{"
		   "\"website\":{\"errors\":[\"one\",\"two\"]}}}}}}");
	check_tree(&alike, "\"errors\":[],\"properties\":{\"a\":{\"errors\":[\"x\"]},"
			   "\"ab\":{\"errors\":[\"y\"]}}}}");
	check_tree(&items, "\"errors\":[],\"items\":[null,null,{\"errors\":[\"x\"]}]}}");
}

static void test_refused(void **state)
{
	struct verdict full = {.fate = FATE_REFUSED, .status = ST_FULL};
	struct verdict large = {.fate = FATE_REFUSED, .status = ST_TOO_LARGE};
	struct verdict limited = {.fate = FATE_REFUSED, .status = ST_LIMITED, .wait_s = 7};
	struct response response;
	struct buf out;

	(void)state;
	response_init(&response);
	api_error_answer(&full, &response);
	assert_int_equal(response.code, 503);
	assert_int_equal(response.retry_after_s, 5);
	response_reset(&response);
	api_error_answer(&large, &response);
	assert_int_equal(response.code, 413);
	assert_int_equal(response.retry_after_s, 0);
	response_reset(&response);
	api_error_answer(&limited, &response);
	assert_int_equal(response.code, 429);
	buf_init(&out, 4096);
	response_write(&response, false, &out);
	buf_addc(&out, '\0');
	assert_non_null(strstr(out.data, "\r\nRetry-After: 7\r\n"));
	buf_free(&out);
	response_free(&response);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
