#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

static void gives_aligned_memory_that_does_not_overlap(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	unsigned char *p[100];

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < 100; i++) {
		p[i] = arena_alloc(arena, i * 37);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)i, i * 37);
	}
	for (size_t i = 0; i < 100; i++)
		for (size_t j = 0; j < i * 37; j++)
			assert_int_equal(p[i][j], i);
	arena_free(arena);
}

static void keeps_to_its_cap(void **state)
{
	struct arena *arena = arena_new(256 * 1024);
	size_t got = 0;

	(void)state;
	while (arena_alloc(arena, 1000))
		got += 1000;
	assert_in_range(got, 200 * 1000, 256 * 1024);
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 15));
	assert_null(arena_copy(arena, "", SIZE_MAX));
	arena_free(arena);
}

static void reset_gives_the_whole_cap_again(void **state)
{
	struct arena *arena = arena_new(256 * 1024);

	(void)state;
	for (int round = 0; round < 50; round++) {
		assert_non_null(arena_alloc(arena, 100 * 1024));
		arena_reset(arena);
	}
	arena_free(arena);
}

static void reset_overwrites_what_was_there(void **state)
{
	struct arena *arena = arena_new(4096);
	char *first = arena_copy(arena, "raw text", 8);
	char *again;

	(void)state;
	assert_string_equal(first, "raw text");
	arena_reset(arena);
	again = arena_alloc(arena, 9);
	assert_ptr_equal(again, first);
	for (int i = 0; i < 9; i++)
		assert_int_equal(again[i], 0);
	arena_free(arena);
}

static void zalloc_is_zero_and_copy_ends_with_nul(void **state)
{
	struct arena *arena = arena_new(4096);
	char *p = arena_zalloc(arena, 64);

	(void)state;
	for (int i = 0; i < 64; i++)
		assert_int_equal(p[i], 0);
	p = arena_copy(arena, "abcdef", 3);
	assert_string_equal(p, "abc");
	p = arena_copy(arena, NULL, 0);
	assert_string_equal(p, "");
	arena_free(arena);
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_aligned_memory_that_does_not_overlap),
	    cmocka_unit_test(keeps_to_its_cap),
	    cmocka_unit_test(reset_gives_the_whole_cap_again),
	    cmocka_unit_test(reset_overwrites_what_was_there),
	    cmocka_unit_test(zalloc_is_zero_and_copy_ends_with_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
