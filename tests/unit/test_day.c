/*
 * Dates: every day of two centuries there and back, and texts that are none.
 */
#include <string.h>
#include <time.h>

#include "unit.h"

#include "day.h"

static void test_every_day(void **state)
{
	char text[DAY_BYTES], told[DAY_BYTES];
	int32_t back;

	(void)state;
	for (int32_t day = 0; day < 80000; day++) {
		time_t at = (time_t)day * 86400;
		struct tm tm;
		gmtime_r(&at, &tm);
		strftime(told, sizeof(told), "%Y-%m-%d", &tm);
		assert_string_equal(day_text(text, day), told);
		assert_int_equal(day_parse(&back, text, 10), ST_OK);
		assert_int_equal(back, day);
	}
}

static void test_texts(void **state)
{
	static const char *const none[] = {"",		 "2026-1-1",	"2026-13-01", "2026-00-10",
					   "2026-02-29", "2026-04-31",	"1969-12-31", "2026-11-2x",
					   "2026/11/20", "2026-11-200", "20261120",   "2026-11-00"};
	int32_t day, cut;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(day_parse(&day, none[i], strlen(none[i])), ST_INVALID);
	assert_int_equal(day_parse(&day, "2028-02-29", 10), ST_OK);
	assert_int_equal(day_parse(&cut, "2028-02-29T23:59:59Z", 20), ST_OK);
	assert_int_equal(day, cut);
	assert_int_equal(day_parse(&day, "9999-12-31", 10), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_day),
	    cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
