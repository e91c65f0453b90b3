/*
 * test_health - an outage blames nobody, a poison event is found out.
 */
#include "unit.h"

#include "health.h"

static struct spool_place place(uint32_t offset)
{
	return (struct spool_place){7, offset, 1};
}

static void a_few_failing_events_are_no_outage(void **state)
{
	struct health health = {0};

	(void)state;
	for (uint32_t round = 0; round < 10; round++) {
		for (uint32_t i = 0; i < HEALTH_SUSPECTS; i++)
			health_failed(&health, place(i));
	}
	assert_false(health_outage(&health));
}

static void many_failing_events_are_one(void **state)
{
	struct health health = {0};

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		health_failed(&health, place(i));
	assert_true(health_outage(&health));
	health_accepted(&health, 5);
	assert_false(health_outage(&health));
}

static void an_accepted_event_proves_health(void **state)
{
	struct health health = {0};

	(void)state;
	assert_false(health_proven(&health, 0));
	assert_false(health_proven(&health, 1));
	health_accepted(&health, 150);
	assert_true(health_proven(&health, 150));
	assert_false(health_proven(&health, 151));
	assert_false(health_proven(&health, 0));
}

static void a_witness_vouches_for_the_database(void **state)
{
	struct health health = {0};

	(void)state;
	health_vouch(&health, 100);
	assert_true(health_vouched(&health, 100));
	assert_false(health_vouched(&health, 101));
	assert_false(health_vouched(&health, 0));
	assert_false(health_proven(&health, 100));
	health_accepted(&health, 150);
	assert_true(health_vouched(&health, 150));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_few_failing_events_are_no_outage),
	    cmocka_unit_test(many_failing_events_are_one),
	    cmocka_unit_test(an_accepted_event_proves_health),
	    cmocka_unit_test(a_witness_vouches_for_the_database),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
