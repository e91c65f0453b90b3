/*
 * test_backoff - waits grow, stay below their ceiling, and obey Retry-After.
 */
#include "unit.h"

#include "backoff.h"

static void ceiling_doubles_up_to_the_cap(void **state)
{
	(void)state;
	assert_int_equal(backoff_ceiling_us(1, 100, 1000), 100);
	assert_int_equal(backoff_ceiling_us(2, 100, 1000), 200);
	assert_int_equal(backoff_ceiling_us(4, 100, 1000), 800);
	assert_int_equal(backoff_ceiling_us(5, 100, 1000), 1000);
	assert_int_equal(backoff_ceiling_us(4000000000u, 100, 1000), 1000);
	assert_int_equal(backoff_ceiling_us(1, 2000, 1000), 1000);
}

static void jitter_covers_the_whole_range(void **state)
{
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t random = 0; random < 5000; random++) {
		int64_t wait = backoff_us(3, 100, 1000, random * 7919);

		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	assert_int_equal(least, 0);
	assert_int_equal(most, 400);
	assert_in_range(backoff_us(99, BACKOFF_BASE_US, BACKOFF_CAP_US, UINT64_MAX), 0,
			BACKOFF_CAP_US);
}

static void retry_after_is_a_floor(void **state)
{
	(void)state;
	assert_int_equal(backoff_asked_us(300, 0, 0), 300);
	assert_int_equal(backoff_asked_us(300, -1, 0), 300);
	assert_int_equal(backoff_asked_us(300, 2, 0), 2 * US_PER_S);
	assert_in_range(backoff_asked_us(0, 2, UINT64_MAX), 2 * US_PER_S, 2 * US_PER_S + 200000);
	assert_int_equal(backoff_asked_us(9 * US_PER_S, 2, 0), 9 * US_PER_S);
	assert_in_range(backoff_asked_us(0, INT64_MAX, 12345), BACKOFF_RETRY_AFTER_MAX_US,
			BACKOFF_RETRY_AFTER_MAX_US * 11 / 10);
}

static void randomness_is_not_constant(void **state)
{
	(void)state;
	assert_int_not_equal(backoff_random(), backoff_random());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ceiling_doubles_up_to_the_cap),
	    cmocka_unit_test(jitter_covers_the_whole_range),
	    cmocka_unit_test(retry_after_is_a_floor),
	    cmocka_unit_test(randomness_is_not_constant),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
