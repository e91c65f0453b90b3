/*
 * What k-anonymity hides: for random lines, an attacker who subtracts what is shown from
 * the total never learns a number below the threshold, nor one cell alone.
 */
#include <stdlib.h>

#include "unit.h"

#include "kanon.h"

static void expect(const uint64_t *counts, size_t n, const char *shown, bool total)
{
	struct kanon_cell cells[16];

	for (size_t i = 0; i < n; i++)
		cells[i] = (struct kanon_cell){.count = counts[i]};
	assert_int_equal(kanon_hide(cells, n), total);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(!cells[i].hidden, shown[i] == '+');
}
#define EXPECT(shown, total, ...)                                                                  \
	expect((uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),    \
	       shown, total)

static void test_known_lines(void **state)
{
	(void)state;
	EXPECT("+++", true, 5, 9, 700);
	EXPECT("--+", true, 4, 9, 700); /* 9 would give the 4 away */
	EXPECT("-+-", true, 4, 700, 9);
	EXPECT("--++", true, 1, 4, 6, 7); /* two that make five */
	EXPECT("---+", true, 1, 1, 6, 7); /* two that make two do not */
	EXPECT("--", true, 4, 4);
	EXPECT("--", false, 1, 1);
	EXPECT("-", false, 4);
	EXPECT("+", true, 5);
	EXPECT("----", false, 1, 1, 1, 1);
	expect(NULL, 0, "", false);
}

static void test_random_lines(void **state)
{
	(void)state;
	for (int round = 0; round < 100000; round++) {
		struct kanon_cell cells[8];
		uint64_t total = 0, shown = 0, hidden = 0;
		size_t n = 1 + (size_t)(random() % 8);
		for (size_t i = 0; i < n; i++) {
			cells[i] = (struct kanon_cell){.count = (uint64_t)(1 + random() % 12)};
			total += cells[i].count;
		}
		bool told = kanon_hide(cells, n);
		for (size_t i = 0; i < n; i++) {
			if (cells[i].hidden) {
				hidden++;
				continue;
			}
			assert_true(cells[i].count >= KANON_THRESHOLD);
			shown += cells[i].count;
		}
		if (told && hidden)
			assert_true(hidden >= 2 && total - shown >= KANON_THRESHOLD);
		assert_true(!told || total >= KANON_THRESHOLD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known_lines),
	    cmocka_unit_test(test_random_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
