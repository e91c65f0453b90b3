#include "unit.h"

#include <string.h>

#include "utf8.h"

static void well_formed_sequences_have_their_length(void **state)
{
	(void)state;
	assert_int_equal(utf8_sequence("a", 1), 1);
	assert_int_equal(utf8_sequence("\0", 1), 1);
	assert_int_equal(utf8_sequence("\xc2\x80", 2), 2);
	assert_int_equal(utf8_sequence("\xe0\xa0\x80", 3), 3);
	assert_int_equal(utf8_sequence("\xef\xbf\xbfz", 4), 3);
	assert_int_equal(utf8_sequence("\xf0\x90\x80\x80", 4), 4);
	assert_int_equal(utf8_sequence("\xf4\x8f\xbf\xbf", 4), 4);
}

static void everything_else_is_none(void **state)
{
	static const char *const bad[] = {
	    "\x80",
	    "\xbf",
	    "\xc0\x80",
	    "\xc1\xbf",
	    "\xc2",
	    "\xc2\x41",
	    "\xe0\x9f\xbf",
	    "\xe1\x80",
	    "\xe1\x80\x41",
	    "\xed\xa0\x80",
	    "\xf0\x8f\xbf\xbf",
	    "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80",
	    "\xff",
	};

	(void)state;
	assert_int_equal(utf8_sequence("", 0), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(utf8_sequence(bad[i], strlen(bad[i])), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(well_formed_sequences_have_their_length),
	    cmocka_unit_test(everything_else_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
