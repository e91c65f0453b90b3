/*
 * test_batch - the array that is sent, and every answer that was recorded or is feared.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "batch.h"

static void array_of_events(void **state)
{
	struct buf body;

	(void)state;
	buf_init(&body, 1000);
	for (int round = 0; round < 2; round++) {
		batch_start(&body);
		batch_add(&body, "{\"a\":1}", 7);
		batch_add(&body, "{}", 2);
		batch_end(&body);
		assert_true(buf_ok(&body));
		assert_string_equal(body.data, "[{\"a\":1},{}]");
	}
	buf_free(&body);
}

static enum status read_batch(struct outcome *outcomes, size_t n, const char *answer)
{
	return batch_outcomes(outcomes, n, answer, strlen(answer));
}

static void all_taken(void **state)
{
	struct outcome out[3];

	(void)state;
	assert_int_equal(read_batch(out, 3,
				    "{\"size\":3,\"processed\":3,\"errors\":0,\"details\":[],"
				    "\"cache\":\"x\"}\n"),
			 ST_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(out[i].code, 200);
}

static void failures_by_index(void **state)
{
	struct outcome out[5];

	(void)state;
	assert_int_equal(
	    read_batch(out, 5,
		       "{\"size\":5,\"processed\":2,\"errors\":3,\"details\":["
		       "{\"index\":1,\"response\":{\"error\":{\"message\":\"Bad request\","
		       "\"code\":\"bad-request\",\"status\":400,\"errors\":[]}}},"
		       "{\"index\":3,\"response\":{\"error\":{\"message\":\"Website not found.\","
		       "\"code\":\"bad-request\",\"status\":400}}},"
		       "{\"index\":4,\"response\":{\"error\":{\"message\":\"Server error\","
		       "\"status\":500,\"errorObject\":{\"stack\":\"…\"}}}}],\"cache\":null}"),
	    ST_OK);
	assert_int_equal(out[0].code, 200);
	assert_int_equal(out[1].code, 400);
	assert_false(out[1].unknown_website);
	assert_int_equal(out[2].code, 200);
	assert_int_equal(out[3].code, 400);
	assert_true(out[3].unknown_website);
	assert_int_equal(out[4].code, 500);
}

static void an_error_without_a_code_is_500(void **state)
{
	static const char *const details[] = {
	    "{\"index\":0}",
	    "{\"index\":0,\"response\":null}",
	    "{\"index\":0,\"response\":{\"error\":{}}}",
	    "{\"index\":0,\"response\":{\"error\":{\"status\":\"400\"}}}",
	    "{\"index\":0,\"response\":{\"error\":{\"status\":200}}}",
	    "{\"index\":0,\"response\":{\"error\":{\"status\":1e99}}}"};
	struct outcome out[1];
	char answer[200];

	(void)state;
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		(void)snprintf(answer, sizeof(answer), "{\"size\":1,\"details\":[%s]}", details[i]);
		assert_int_equal(read_batch(out, 1, answer), ST_OK);
		assert_int_equal(out[0].code, 500);
	}
}

static void no_answer_to_this_batch(void **state)
{
	static const char *const answers[] = {
	    "", "<!DOCTYPE html>", "[]", "null", "{}", "{\"size\":2,\"details\":[]",
	    "{\"size\":1,\"details\":[]}", "{\"size\":3,\"details\":[]}", "{\"size\":2}",
	    "{\"size\":2,\"details\":[{\"index\":2}]}", "{\"size\":2,\"details\":[{\"index\":-1}]}",
	    "{\"size\":2,\"details\":[{}]}", "{\"size\":2,\"details\":[]}x", "{\"beep\":\"boop\"}",
	    "{\"size\":\"2\",\"details\":[]}", "{\"size\":2,\"details\":[null]}",
	    /* Figures and details contradict each other. */
	    "{\"size\":2,\"processed\":0,\"errors\":2,"
	    "\"details\":[]}",
	    "{\"size\":2,\"errors\":1,\"details\":[]}",
	    "{\"size\":2,\"processed\":1,\"details\":[]}",
	    "{\"size\":2,\"processed\":2,\"errors\":0,"
	    "\"details\":[{\"index\":0}]}",
	    "{\"size\":2,\"errors\":\"2\",\"details\":[]}"};
	struct outcome out[2];

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(read_batch(out, 2, answers[i]), ST_INVALID);
	assert_int_equal(batch_outcomes(out, 2, "{\"size\":2,\"details\":[]}\0", 25), ST_INVALID);
}

static enum status read_one(struct outcome *outcome, int code, const char *answer)
{
	return batch_outcome(outcome, code, answer, strlen(answer));
}

static void single_answers(void **state)
{
	struct outcome out;

	(void)state;
	assert_int_equal(read_one(&out, 200, "{\"cache\":\"x\",\"sessionId\":\"y\"}"), ST_OK);
	assert_int_equal(out.code, 200);
	assert_false(out.bot);
	assert_int_equal(read_one(&out, 200, "{\"beep\":\"boop\"}"), ST_OK);
	assert_true(out.bot);
	assert_int_equal(read_one(&out, 400, "{\"error\":{\"message\":\"Website not found.\"}}"),
			 ST_OK);
	assert_true(out.unknown_website);
	assert_int_equal(read_one(&out, 400, "<html>plain HTTP sent to HTTPS port</html>"),
			 ST_INVALID);
	assert_int_equal(read_one(&out, 400, "{\"message\":\"no\"}"), ST_INVALID);
	assert_int_equal(read_one(&out, 200, "OK"), ST_INVALID);
	assert_int_equal(read_one(&out, 200, ""), ST_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(array_of_events),
	    cmocka_unit_test(all_taken),
	    cmocka_unit_test(failures_by_index),
	    cmocka_unit_test(an_error_without_a_code_is_500),
	    cmocka_unit_test(no_answer_to_this_batch),
	    cmocka_unit_test(single_answers),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
