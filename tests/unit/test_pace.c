/*
 * test_pace - as many requests at once as the upstream works on, and no more.
 */
#include "unit.h"

#include "pace.h"

#define MS 1000

/* Rounds of requests at once to an upstream that works on `can` of them, each for 100 ms. */
static void run(struct pace *pace, unsigned can, int rounds, int64_t *now_us)
{
	for (int i = 0; i < rounds; i++) {
		unsigned at_once = pace->open;
		int64_t started_us = *now_us;

		*now_us += at_once <= can ? 100 * MS : (int64_t)100 * MS * at_once / can;
		for (unsigned k = 0; k < at_once; k++)
			pace_answer(pace, 100, started_us, *now_us);
		(*now_us)++;
	}
}

static void it_begins_with_one_and_finds_what_the_upstream_can(void **state)
{
	static const unsigned cans[] = {1, 2, 4, 10, 30};
	int64_t now_us = 1;
	struct pace pace;

	(void)state;
	for (size_t i = 0; i < sizeof(cans) / sizeof(cans[0]); i++) {
		pace_init(&pace, 64);
		assert_int_equal(pace.open, 1);
		run(&pace, cans[i], 200, &now_us);
		for (int round = 0; round < 100; round++) {
			run(&pace, cans[i], 1, &now_us);
			assert_in_range(pace.open, (cans[i] + 1) / 2, 11 * cans[i] / 5 + 1);
		}
	}
}

static void it_is_as_many_as_allowed_where_nothing_slows_down(void **state)
{
	int64_t now_us = 1;
	struct pace pace;

	(void)state;
	pace_init(&pace, 16);
	run(&pace, 1000, 5, &now_us);
	assert_int_equal(pace.open, 16);
	/* Later by less than the slack, and by less than a half. */
	pace_answer(&pace, 100, now_us, now_us + 149 * MS);
	assert_int_equal(pace.open, 16);
	pace_answer(&pace, 1, now_us, now_us + 1 * MS);
	pace_answer(&pace, 1, now_us, now_us + 20 * MS);
	assert_int_equal(pace.open, 16);
}

static void what_was_under_way_together_counts_once(void **state)
{
	int64_t now_us = 1;
	struct pace pace;

	(void)state;
	pace_init(&pace, 16);
	run(&pace, 1000, 6, &now_us);
	for (int i = 0; i < 16; i++)
		pace_answer(&pace, 100, now_us, now_us + 500 * MS + i);
	assert_int_equal(pace.open, 8);
}

static void sizes_are_not_compared_with_each_other(void **state)
{
	struct pace pace;

	(void)state;
	pace_init(&pace, 16);
	for (int i = 0; i < 20; i++) {
		pace_answer(&pace, 1, 100, 100 + 5 * MS);
		pace_answer(&pace, 100, 100, 100 + 500 * MS);
	}
	assert_int_equal(pace.open, 16);
}

static void a_failure_begins_anew_and_an_upstream_may_become_slower(void **state)
{
	int64_t now_us = 1;
	struct pace pace;

	(void)state;
	pace_init(&pace, 8);
	run(&pace, 8, 20, &now_us);
	pace_fail(&pace, now_us++);
	assert_int_equal(pace.open, 1);
	/* Ten times as slow for good: that is its least from now on. */
	for (int i = 0; i < 50; i++) {
		pace_answer(&pace, 100, now_us, now_us + 1000 * MS);
		now_us += 1000 * MS + 1;
	}
	assert_int_equal(pace.open, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_begins_with_one_and_finds_what_the_upstream_can),
	    cmocka_unit_test(it_is_as_many_as_allowed_where_nothing_slows_down),
	    cmocka_unit_test(what_was_under_way_together_counts_once),
	    cmocka_unit_test(sizes_are_not_compared_with_each_other),
	    cmocka_unit_test(a_failure_begins_anew_and_an_upstream_may_become_slower),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
