#include "unit.h"

#include "problem.h"

static void the_first_ones_are_kept(void **state)
{
	struct problem problem = {0};

	(void)state;
	for (int i = 0; i < PROBLEM_ITEMS_MAX; i++)
		problem_add(&problem, "payload.website", "Invalid UUID");
	problem_add(&problem, "", "one too many");
	assert_int_equal(problem.n, PROBLEM_ITEMS_MAX);
	assert_string_equal(problem.items[0].place, "payload.website");
	assert_string_equal(problem.items[PROBLEM_ITEMS_MAX - 1].message, "Invalid UUID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_ones_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
