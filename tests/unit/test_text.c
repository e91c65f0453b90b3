#include "unit.h"

#include <string.h>

#include "text.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct text text(const char *string)
{
	return (struct text){string, strlen(string)};
}

static void is_text(struct text got, const char *expected)
{
	if (!text_is(got, expected))
		fail_msg("%.*s is not %s", (int)got.len, got.data ? got.data : "", expected);
}

static void lengths(void **state)
{
	(void)state;
	assert_int_equal(text_length(text("a\xc3\xa9\xf0\x9f\x98\x80"), TEXT_UTF16), 4);
	assert_int_equal(text_length(text("a\xc3\xa9\xf0\x9f\x98\x80"), TEXT_CODE_POINTS), 3);
	assert_int_equal(text_length((struct text){NULL, 0}, TEXT_UTF16), 0);
}

static void cuts_leave_nothing_half(void **state)
{
	(void)state;
	is_text(text_cut(text("abcdef"), 3, TEXT_UTF16), "abc");
	is_text(text_cut(text("abc"), 3, TEXT_UTF16), "abc");
	is_text(text_cut(text("\xc3\xa9\xc3\xa9\xc3\xa9"), 2, TEXT_UTF16), "\xc3\xa9\xc3\xa9");
	is_text(text_cut(text("a\xf0\x9f\x98\x80z"), 2, TEXT_UTF16), "a");
	is_text(text_cut(text("a\xf0\x9f\x98\x80z"), 2, TEXT_CODE_POINTS), "a\xf0\x9f\x98\x80");
	/* percent escapes, and the sequence they spell */
	is_text(text_cut(text("ab%20c"), 3, TEXT_UTF16), "ab");
	is_text(text_cut(text("ab%20c"), 4, TEXT_UTF16), "ab");
	is_text(text_cut(text("ab%20c"), 5, TEXT_UTF16), "ab%20");
	is_text(text_cut(text("a%C3%A9b"), 4, TEXT_UTF16), "a");
	is_text(text_cut(text("a%C3%A9b"), 7, TEXT_UTF16), "a%C3%A9");
	is_text(text_cut(text("100%zz"), 5, TEXT_UTF16), "100%z");
	/* placeholders */
	for (size_t i = 3; i < 18; i++)
		is_text(text_cut(text("ab[REDACTED_EMAIL]cd"), i, TEXT_UTF16), i < 18 ? "ab" : "");
	is_text(text_cut(text("ab[REDACTED_EMAIL]cd"), 18, TEXT_UTF16), "ab[REDACTED_EMAIL]");
	is_text(text_cut(text("ab[EMAIL:abcdefghijklm]cd"), 10, TEXT_UTF16), "ab");
	is_text(text_cut(text("ab[not closed"), 6, TEXT_UTF16), "ab[not");
	is_text(text_cut(text("[REDACTED]"), 5, TEXT_UTF16), "");
}

static void what_is_no_utf8_is_replaced(void **state)
{
	struct text same = text("gr\xc3\xbc\xc3\x9f");

	(void)state;
	assert_ptr_equal(text_utf8(arena, same.data, same.len).data, same.data);
	is_text(text_utf8(arena, "a\xff\xc3z", 4), "a\xef\xbf\xbd\xef\xbf\xbdz");
}

static void json_strings(void **state)
{
	struct writer writer;

	(void)state;
	writer_init(&writer, arena, 1);
	writer_json(&writer, (struct text){"\"\\/\b\f\n\r\t\x01\x1f\x7f\0&<\xc3\xa9", 16});
	is_text(writer_text(&writer),
		"\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000&<\xc3\xa9\"");
}

/* Every byte at every place of every length around that of a processor's registers. */
static void plain_bytes(void **state)
{
	char data[49];

	(void)state;
	memset(data, 'x', sizeof(data));
	for (size_t len = 0; len < sizeof(data); len++) {
		assert_int_equal(text_plain(data, len), len);
		for (size_t at = 0; at < sizeof(data); at++) {
			for (int byte = 0; byte < 256; byte++) {
				bool plain =
				    byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

				data[at] = (char)byte;
				assert_int_equal(text_plain(data, len),
						 plain || at >= len ? len : at);
			}
			data[at] = 'x';
		}
	}
}

static void a_writer_fails_for_good(void **state)
{
	struct arena *small = arena_new(4096);
	struct writer writer;
	char big[3000] = {0};

	(void)state;
	writer_init(&writer, small, 16);
	writer_add(&writer, big, sizeof(big));
	writer_add(&writer, big, sizeof(big));
	assert_false(writer_ok(&writer));
	writer_addc(&writer, 'x');
	writer_json(&writer, TEXT("x"));
	assert_false(writer_ok(&writer));
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths),
	    cmocka_unit_test(cuts_leave_nothing_half),
	    cmocka_unit_test(what_is_no_utf8_is_replaced),
	    cmocka_unit_test(json_strings),
	    cmocka_unit_test(plain_bytes),
	    cmocka_unit_test(a_writer_fails_for_good),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
