/*
 * test_lane - order, holding back, and the size of the next batch.
 */
#include "unit.h"

#include <stdlib.h>

#include "lane.h"

#define ITEMS 6

static struct item *item(uint64_t visitor, uint32_t number)
{
	struct item *it = calloc(1, sizeof(*it));

	assert_non_null(it);
	it->visitor = visitor;
	it->place.offset = number;
	return it;
}

/* Numbers 0..5 of visitors 0, 1, 0, 1, … */
static void fill(struct lane *lane, size_t max_batch)
{
	lane_init(lane, max_batch);
	for (uint32_t i = 0; i < ITEMS; i++)
		lane_push(lane, item(i % 2, i));
}

static void assert_numbers(struct item *const *items, size_t n, const uint32_t *numbers)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(items[i]->place.offset, numbers[i]);
}

static void order_survives_giving_back(void **state)
{
	struct item *items[ITEMS];
	struct lane lane;

	(void)state;
	fill(&lane, 10);
	assert_int_equal(lane_take(&lane, items, 4, NULL, 0), 4);
	assert_numbers(items, 4, (const uint32_t[]){0, 1, 2, 3});
	assert_int_equal(lane.n, 2);
	lane_give_back(&lane, items, 4);
	lane_push(&lane, item(0, 6));
	assert_int_equal(lane.n, 7);
	assert_int_equal(lane_take(&lane, items, 5, NULL, 0), 5);
	assert_numbers(items, 5, (const uint32_t[]){0, 1, 2, 3, 4});
	lane_give_back(&lane, items, 5);
	lane_clear(&lane);
	assert_int_equal(lane.n, 0);
}

static void everything_taken_and_given_back(void **state)
{
	struct item *items[ITEMS];
	struct lane lane;

	(void)state;
	fill(&lane, 10);
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), ITEMS);
	assert_null(lane.first);
	lane_give_back(&lane, items, ITEMS);
	lane_push(&lane, item(0, 6));
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), ITEMS);
	assert_int_equal(lane.first->place.offset, 6);
	lane_give_back(&lane, items, ITEMS);
	lane_clear(&lane);
}

static void a_batch_is_bounded_in_bytes(void **state)
{
	struct item *items[ITEMS];
	struct lane lane;

	(void)state;
	fill(&lane, 10);
	for (struct item *it = lane.first; it; it = it->next)
		it->json_len = LANE_BYTES_MAX / 2;
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), 2);
	lane_give_back(&lane, items, 2);
	lane.first->json_len = LANE_BYTES_MAX * 3;
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), 1);
	lane_give_back(&lane, items, 1);
	lane_clear(&lane);
}

static void what_has_a_token_goes_alone(void **state)
{
	struct item *items[ITEMS];
	struct lane lane;

	(void)state;
	fill(&lane, 10);
	lane.first->next->next->token = "t";
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), 2);
	assert_int_equal(lane_take(&lane, items + 2, ITEMS, NULL, 0), 1);
	assert_int_equal(lane_take(&lane, items + 3, ITEMS, NULL, 0), 3);
	assert_numbers(items, ITEMS, (const uint32_t[]){0, 1, 2, 3, 4, 5});
	lane_give_back(&lane, items, ITEMS);
	lane_clear(&lane);
}

static void held_visitors_wait(void **state)
{
	const uint64_t held[] = {7, 1};
	struct item *items[ITEMS];
	struct lane lane;

	(void)state;
	fill(&lane, 10);
	assert_int_equal(lane_take(&lane, items, ITEMS, held, 2), 3);
	assert_numbers(items, 3, (const uint32_t[]){0, 2, 4});
	assert_int_equal(lane.n, 3);
	for (int i = 0; i < 3; i++)
		item_free(items[i]);
	lane_push(&lane, item(0, 6));
	assert_int_equal(lane_take(&lane, items, ITEMS, held, 2), 1);
	assert_int_equal(items[0]->place.offset, 6);
	item_free(items[0]);
	lane_push(&lane, item(1, 7));
	assert_int_equal(lane_take(&lane, items, ITEMS, NULL, 0), 4);
	assert_numbers(items, 4, (const uint32_t[]){1, 3, 5, 7});
	for (int i = 0; i < 4; i++)
		item_free(items[i]);
	lane_clear(&lane);
}

static void apart_in_order_of_due_time(void **state)
{
	static const uint32_t by_time[] = {2, 3, 1};
	struct lane lane;
	struct item *it;

	(void)state;
	lane_init(&lane, 10);
	assert_int_equal(lane_due_us(&lane), INT64_MAX);
	lane_set_apart(&lane, item(0, 1), 300);
	lane_set_apart(&lane, item(0, 2), 100);
	lane_set_apart(&lane, item(0, 3), 200);
	assert_int_equal(lane_due_us(&lane), 100);
	assert_null(lane_take_due(&lane, 99));
	for (uint32_t i = 0; i < 3; i++) {
		it = lane_take_due(&lane, 1000);
		assert_int_equal(it->place.offset, by_time[i]);
		item_free(it);
	}
	assert_null(lane_take_due(&lane, 1000));
	lane_set_apart(&lane, item(0, 4), 1);
	lane_clear(&lane);
}

static void batches_shrink_and_grow(void **state)
{
	struct lane lane;

	(void)state;
	lane_init(&lane, 100);
	lane_shrink(&lane, 100);
	assert_int_equal(lane.limit, 50);
	lane_shrink(&lane, 3);
	assert_int_equal(lane.limit, 1);
	lane_shrink(&lane, 1);
	assert_int_equal(lane.limit, 1);
	for (size_t i = 0; i < 10; i++)
		lane_grow(&lane, lane.limit);
	assert_int_equal(lane.limit, 100);
	lane_shrink(&lane, 20);
	lane_grow(&lane, 3);
	assert_int_equal(lane.limit, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_survives_giving_back),
	    cmocka_unit_test(everything_taken_and_given_back),
	    cmocka_unit_test(a_batch_is_bounded_in_bytes),
	    cmocka_unit_test(what_has_a_token_goes_alone),
	    cmocka_unit_test(held_visitors_wait),
	    cmocka_unit_test(apart_in_order_of_due_time),
	    cmocka_unit_test(batches_shrink_and_grow),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
