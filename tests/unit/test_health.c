/*
 * test_health - an outage blames nobody, a poison event is found out.
 */
#include "unit.h"

#include "health.h"

static const struct spool_place a = {1, 1}, b = {1, 2}, c = {2, 1};

static void a_lone_failure_is_the_events(void **state)
{
	struct health health = {0};

	(void)state;
	assert_true(health_blames(&health, a, 100));
	health_failed(&health, a);
	assert_true(health_blames(&health, a, 200));
}

static void two_failing_events_are_an_outage(void **state)
{
	struct health health = {0};

	(void)state;
	health_accepted(&health, 50);
	health_failed(&health, a);
	assert_false(health_blames(&health, b, 100));
	health_failed(&health, b);
	assert_false(health_blames(&health, a, 110));
	health_failed(&health, c);
	assert_false(health_blames(&health, c, 120));
}

static void an_accepted_event_proves_health(void **state)
{
	struct health health = {0};

	(void)state;
	assert_false(health_proven(&health, 0));
	health_failed(&health, a);
	health_failed(&health, b);
	health_accepted(&health, 150);
	assert_true(health_proven(&health, 150));
	assert_false(health_proven(&health, 151));
	health_failed(&health, b);
	health_failed(&health, c);
	assert_true(health_blames(&health, a, 140));
	assert_false(health_blames(&health, a, 160));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lone_failure_is_the_events),
	    cmocka_unit_test(two_failing_events_are_an_outage),
	    cmocka_unit_test(an_accepted_event_proves_health),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
