#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static enum status read_bytes(const struct json **out, const char *text, size_t len)
{
	/* exact size, so that reading past the end is seen by the address sanitizer */
	char *copy = malloc(len ? len : 1), *kept;
	enum status status;

	assert_non_null(copy);
	memcpy(copy, text, len);
	kept = arena_copy(arena, copy, len);
	assert_non_null(kept);
	status = json_read(out, arena, copy, len);
	free(copy);
	if (status == ST_OK)
		status = json_read(out, arena, kept, len);
	return status;
}

static const struct json *good(const char *text)
{
	const struct json *value = NULL;

	if (read_bytes(&value, text, strlen(text)) != ST_OK)
		fail_msg("refused: %s", text);
	return value;
}

static void bad(const char *text)
{
	const struct json *value = NULL;

	if (read_bytes(&value, text, strlen(text)) != ST_INVALID)
		fail_msg("taken: %s", text);
	assert_null(value);
}

static void string_is(const char *text, const char *expected, size_t len)
{
	const struct json *value = good(text);

	assert_int_equal(value->type, JSON_STRING);
	assert_int_equal(value->len, len);
	assert_memory_equal(value->text, expected, len);
}

static const char *const bad_texts[] = {
    "",
    " ",
    "{",
    "[",
    "{]",
    "[{]",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "{\"a\"}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1}x",
    "[] []",
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1.e5",
    "-.5",
    "1e",
    "1e+",
    "0x10",
    "1-2",
    "nul",
    "nulll",
    "True",
    "NaN",
    "Infinity",
    "-Infinity",
    "undefined",
    "\"a",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\uZZZZ\"",
    "\"\\u+123\"",
    "\"\\u 123\"",
    "\"a\tb\"",
    "\"a\nb\"",
    "\"\x01\"",
    "\xef\xbb\xbf\xef\xbb\xbf{}",
    "\f{}",
    "\v1",
    "{}\f",
    "\xc2\xa0{}",
    "// c\n1",
    "[1]//",
    "{\"a\":}",
    "{:1}",
    "{\"a\" 1}",
    "\"\\",
    "\"\\u",
};

static void what_json_parse_refuses_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++)
		bad(bad_texts[i]);
}

static void nul_bytes_end_nothing(void **state)
{
	static const char after[] = "{}\0", inside[] = "\"a\0b\"", between[] = "[1,\0 2]";
	const struct json *value;

	(void)state;
	assert_int_equal(read_bytes(&value, after, sizeof(after) - 1), ST_INVALID);
	assert_int_equal(read_bytes(&value, inside, sizeof(inside) - 1), ST_INVALID);
	assert_int_equal(read_bytes(&value, between, sizeof(between) - 1), ST_INVALID);
}

static void what_json_parse_takes_is_taken(void **state)
{
	(void)state;
	assert_int_equal(good(" \t\r\n{ } ")->type, JSON_OBJECT);
	assert_int_equal(good("\xef\xbb\xbf[]")->type, JSON_ARRAY);
	assert_int_equal(good("null")->type, JSON_NULL);
	assert_int_equal(good("true")->type, JSON_BOOLEAN);
	assert_int_equal(good("false")->text[0], 'f');
	assert_int_equal(good("-0.5E+10")->type, JSON_NUMBER);
	assert_int_equal(good("[1,[2,[3]],{\"a\":{}}]")->len, 3);
	string_is("\"\x7f\"", "\x7f", 1);
	string_is("\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"", "/\b\f\n\r\t\\\"", 8);
}

static void strings_hold_what_was_written(void **state)
{
	(void)state;
	string_is("\"a\\u0000b\"", "a\0b", 3);
	string_is("\"\\u00e9\\u20AC\"", "\xc3\xa9\xe2\x82\xac", 5);
	string_is("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4);
	string_is("\"\xc3\xa9\xf0\x9f\x98\x80\"", "\xc3\xa9\xf0\x9f\x98\x80", 6);
	/* lone surrogates and bytes that are no UTF-8 */
	string_is("\"\\ud800\"", "\xef\xbf\xbd", 3);
	string_is("\"\\udc00x\"", "\xef\xbf\xbdx", 4);
	string_is("\"\\ud800\\u0041\"",
		  "\xef\xbf\xbd"
		  "A",
		  4);
	string_is("\"\\ud800\\ud800\\udc00\"", "\xef\xbf\xbd\xf0\x90\x80\x80", 7);
	string_is("\"a\xff\"", "a\xef\xbf\xbd", 4);
	string_is("\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 9);
	string_is("\"\xc3\"", "\xef\xbf\xbd", 3);
}

static void keys_have_case_and_the_last_counts(void **state)
{
	const struct json *object = good("{\"a\":1,\"A\":2,\"a\":\"last\",\"a\\u0000\":3}");

	(void)state;
	assert_int_equal(object->len, 4);
	assert_true(json_is(json_member(object, "a"), "last"));
	assert_int_equal(json_member(object, "A")->text[0], '2');
	assert_null(json_member(object, "b"));
	assert_false(json_is(json_member(object, "A"), "2"));
	assert_non_null(json_member(good("{\"__proto__\":{}}"), "__proto__"));
}

static void depth_and_number_of_values_are_bounded(void **state)
{
	static char text[4 * JSON_VALUES_FREE];
	const struct json *value;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_read(&value, arena, text, (size_t)2 * JSON_DEPTH_MAX), ST_OK);
	memset(text, '[', sizeof(text));
	assert_int_equal(json_read(&value, arena, text, sizeof(text)), ST_TOO_LARGE);
	for (size_t i = 1; i < sizeof(text); i++)
		text[i] = i % 2 ? '1' : ',';
	assert_int_equal(json_read(&value, arena, text, sizeof(text)), ST_TOO_LARGE);
}

static void memory_is_bounded_by_the_arena(void **state)
{
	struct arena *small = arena_new(4096);
	const struct json *value;
	char text[2001];

	(void)state;
	assert_non_null(small);
	for (size_t i = 1; i < sizeof(text); i++)
		text[i] = i % 2 ? '1' : ',';
	text[0] = '[';
	assert_int_equal(json_read(&value, small, text, sizeof(text)), ST_NO_MEMORY);
	assert_null(value);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_json_parse_refuses_is_refused),
	    cmocka_unit_test(nul_bytes_end_nothing),
	    cmocka_unit_test(what_json_parse_takes_is_taken),
	    cmocka_unit_test(strings_hold_what_was_written),
	    cmocka_unit_test(keys_have_case_and_the_last_counts),
	    cmocka_unit_test(depth_and_number_of_values_are_bounded),
	    cmocka_unit_test(memory_is_bounded_by_the_arena),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
