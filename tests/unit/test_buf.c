#include "unit.h"

#include <string.h>

#include "buf.h"

static void grows_and_ends_with_nul(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	for (int i = 0; i < 10000; i++)
		buf_addc(&buf, (char)('a' + i % 26));
	assert_true(buf_ok(&buf));
	assert_int_equal(buf.len, 10000);
	assert_int_equal(strlen(buf.data), 10000);
	buf_reset(&buf);
	buf_adds(&buf, "x=");
	buf_addu(&buf, 0);
	buf_addu(&buf, UINT64_MAX);
	buf_addf(&buf, " %s-%d", "y", -7);
	assert_string_equal(buf.data, "x=018446744073709551615 y--7");
	buf_free(&buf);
	assert_null(buf.data);
	buf_adds(&buf, "again");
	assert_string_equal(buf.data, "again");
	buf_free(&buf);
}

static void failure_is_sticky(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	buf_add(&buf, "1234", 4);
	assert_true(buf_ok(&buf));
	buf_addc(&buf, '5');
	assert_false(buf_ok(&buf));
	assert_null(buf_room(&buf, 0));
	buf_addf(&buf, "%s", "");
	assert_false(buf_ok(&buf));
	assert_string_equal(buf.data, "1234");
	buf_reset(&buf);
	assert_true(buf_ok(&buf));
	assert_null(buf_room(&buf, SIZE_MAX));
	buf_free(&buf);
}

static void room_is_filled_by_the_caller(void **state)
{
	struct buf buf;
	char *room;

	(void)state;
	buf_init(&buf, 1000);
	buf_adds(&buf, "ab");
	room = buf_room(&buf, 900);
	assert_non_null(room);
	memset(room, 'c', 900);
	buf_grew(&buf, 3);
	assert_string_equal(buf.data, "abccc");
	buf_free(&buf);
}

static void json_strings_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
		size_t len;
	} cases[] = {
	    {"", "\"\"", 0},
	    {"plain", "\"plain\"", 5},
	    {"a\"b\\c", "\"a\\\"b\\\\c\"", 5},
	    {"\b\f\n\r\t\x01\x1f\0", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000\"", 8},
	    {"\xc3\xa4/\xf0\x9f\x98\x80", "\"\xc3\xa4/\xf0\x9f\x98\x80\"", 7},
	    {"a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"", 3},
	    {"\x7f", "\"\x7f\"", 1},
	};
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&buf);
		buf_add_json(&buf, cases[i].in, cases[i].len);
		assert_string_equal(buf.data, cases[i].out);
	}
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows_and_ends_with_nul),
	    cmocka_unit_test(failure_is_sticky),
	    cmocka_unit_test(room_is_filled_by_the_caller),
	    cmocka_unit_test(json_strings_are_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
