#include "unit.h"

#include <string.h>

#include "status.h"

static void every_row_has_text_and_exit_code(void **state)
{
	(void)state;
	assert_int_equal(status_exit(ST_OK), 0);
	assert_int_equal(status_exit(ST_CONFIG), 78);
	assert_int_equal(status_exit(ST_COUNT), 70);
	assert_string_equal(status_text(ST_FULL), "the spool is full");
	for (int i = 0; i < ST_COUNT; i++) {
		assert_true(strlen(status_text((enum status)i)) > 0);
		assert_in_range(status_exit((enum status)i), 0, 78);
	}
	assert_non_null(status_text((enum status) - 1));
}

static void reasons_are_set_prefixed_and_cut(void **state)
{
	struct reason why;
	char big[2000];

	(void)state;
	assert_int_equal(reason_set(&why, ST_CONFIG, "%s is %d", "x", 7), ST_CONFIG);
	reason_prefix(&why, "file:%d", 12);
	assert_string_equal(why.text, "file:12: x is 7");
	assert_int_equal(reason_set(NULL, ST_IO, "nobody asks"), ST_IO);
	reason_prefix(NULL, "nobody asks");
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	(void)reason_set(&why, ST_IO, "%s", big);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	reason_prefix(&why, "%s", big);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_has_text_and_exit_code),
	    cmocka_unit_test(reasons_are_set_prefixed_and_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
