#include "unit.h"

#include <time.h>

#include "clock.h"

static void day_is_the_floor(void **state)
{
	const int64_t day = INT64_C(86400) * US_PER_S;

	(void)state;
	assert_int_equal(clock_day(0), 0);
	assert_int_equal(clock_day(day - 1), 0);
	assert_int_equal(clock_day(day), 1);
	assert_int_equal(clock_day(-1), -1);
	assert_int_equal(clock_day(-day), -1);
	assert_int_equal(clock_day(-day - 1), -2);
}

static void clocks_run_in_microseconds(void **state)
{
	int64_t before = (int64_t)time(NULL);
	int64_t wall = clock_wall_us() / US_PER_S;
	int64_t mono = clock_mono_us();

	(void)state;
	assert_true(wall >= before - 1 && wall <= (int64_t)time(NULL) + 1);
	assert_true(clock_mono_us() >= mono);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(day_is_the_floor),
	    cmocka_unit_test(clocks_run_in_microseconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
