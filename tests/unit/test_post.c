/*
 * test_post - what each HTTP code means for a batch and for one event.
 */
#include "unit.h"

#include "post.h"

static void answered(void **state)
{
	(void)state;
	assert_int_equal(post_judge(SINK_BATCH, 10, 200, true), POST_ANSWERED);
	assert_int_equal(post_judge(SINK_SEND, 1, 201, true), POST_ANSWERED);
	assert_int_equal(post_judge(SINK_BATCH, 10, 200, false), POST_AGAIN);
	assert_int_equal(post_judge(SINK_SEND, 1, 200, false), POST_AGAIN);
}

static void only_an_events_own_500_counts(void **state)
{
	static const int codes[] = {408, 429, 500, 502, 503, 504, 520, 599};

	(void)state;
	assert_int_equal(post_judge(SINK_SEND, 1, 500, true), POST_ANSWERED);
	assert_int_equal(post_judge(SINK_SEND, 1, 500, false), POST_ANSWERED);
	assert_int_equal(post_judge(SINK_SEND, 1, 503, true), POST_AGAIN);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(post_judge(SINK_BATCH, 10, codes[i], false), POST_AGAIN);
		assert_int_equal(post_judge(SINK_BATCH, 1, codes[i], true), POST_AGAIN);
	}
}

static void refused(void **state)
{
	static const int codes[] = {400, 413, 414, 415, 422, 431};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(post_judge(SINK_BATCH, 10, codes[i], false), POST_REFUSED);
		assert_int_equal(post_judge(SINK_BATCH, 1, codes[i], true), POST_REFUSED);
		assert_int_equal(post_judge(SINK_SEND, 1, codes[i], true), POST_REFUSED);
	}
	assert_int_equal(post_judge(SINK_SEND, 1, 413, false), POST_REFUSED);
	assert_int_equal(post_judge(SINK_SEND, 1, 400, false), POST_MISTAKE);
	assert_int_equal(post_judge(SINK_BATCH, 1, 400, false), POST_MISTAKE);
}

static void mistakes_keep_everything(void **state)
{
	static const int codes[] = {301, 302, 307, 308, 401, 402, 403, 407, 410, 451};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(post_judge(SINK_BATCH, 10, codes[i], true), POST_MISTAKE);
		assert_int_equal(post_judge(SINK_SEND, 1, codes[i], true), POST_MISTAKE);
	}
	assert_int_equal(post_judge(SINK_SEND, 1, 404, false), POST_MISTAKE);
	assert_int_equal(post_judge(SINK_SEND, 1, 405, false), POST_MISTAKE);
}

static void an_older_umami(void **state)
{
	(void)state;
	assert_int_equal(post_judge(SINK_BATCH, 10, 404, false), POST_NO_BATCH);
	assert_int_equal(post_judge(SINK_BATCH, 1, 405, false), POST_NO_BATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answered),	      cmocka_unit_test(only_an_events_own_500_counts),
	    cmocka_unit_test(refused),	      cmocka_unit_test(mistakes_keep_everything),
	    cmocka_unit_test(an_older_umami),
	};

	return cmocka_run_group_tests_name("post", tests, NULL, NULL);
}
