/*
 * test_wrapped - base64 that hides something goes as a whole; what only looks like it stays.
 */
#include "unit.h"

#include <sodium.h>
#include <string.h>

#include "straining.h"
#include "wrapped.h"

static struct straining straining;

static struct text text(const char *string)
{
	return (struct text){string, strlen(string)};
}

static void becomes(const char *raw, const char *clean)
{
	struct text out;

	arena_reset(straining.arena);
	assert_int_equal(wrapped_clean(straining.strainer, straining.arena, text(raw), &out),
			 ST_OK);
	if (out.len != strlen(clean) || memcmp(out.data, clean, out.len) != 0)
		fail_msg("%s became %.*s", raw, (int)out.len, out.data);
}

static void stays(const char *raw)
{
	struct text out;

	arena_reset(straining.arena);
	assert_int_equal(wrapped_clean(straining.strainer, straining.arena, text(raw), &out),
			 ST_OK);
	assert_ptr_equal(out.data, raw);
	assert_int_equal(out.len, strlen(raw));
}

/* before + base64 of the value + after */
static void hides(const char *before, const char *value, int variant, const char *after)
{
	char raw[512], clean[512], encoded[256];

	sodium_bin2base64(encoded, sizeof(encoded), (const unsigned char *)value, strlen(value),
			  variant);
	snprintf(raw, sizeof(raw), "%s%s%s", before, encoded, after);
	snprintf(clean, sizeof(clean), "%s[REDACTED]%s", before, after);
	becomes(raw, clean);
}

static void what_is_hidden_goes(void **state)
{
	static const int variants[] = {
	    sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
	    sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};

	(void)state;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		hides("", "john@mail.example", variants[i], "");
		hides("/user/", "john@mail.example", variants[i], "?a=b");
		hides("https://x.example/?state=",
		      "{\"mail\":\"j@mail.example\",\"n\":\"J\xc3\xbcrg\"}", variants[i],
		      "&lang=en");
		hides("id_", "call +49 30 90182055 now", variants[i], "#x");
	}
	hides("", "a@b.co", sodium_base64_VARIANT_ORIGINAL, "");
	becomes("am9obkBtYWlsLmV4YW1wbGU= and am9obkBtYWlsLmV4YW1wbGU",
		"[REDACTED] and [REDACTED]");
}

/* Whatever bytes it begins with, as long as they are text. */
static void any_beginning_is_one(void **state)
{
	char value[] = "123 j@mail.example";

	(void)state;
	for (int c = '\t'; c < 0x7f; c++) {
		if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
			continue;
		for (size_t i = 0; i < 3; i++) {
			char before = value[i];

			value[i] = (char)c;
			hides("/x/", value, sodium_base64_VARIANT_URLSAFE_NO_PADDING, "");
			value[i] = before;
		}
	}
}

static void what_hides_nothing_stays(void **state)
{
	(void)state;
	stays("");
	stays("/products/wireless-headphones/reviews?page=2&sort=newest");
	stays("https://www.example.org/a/b_c/d-e+f?utm_source=newsletter");
	stays("/video/dQw4w9WgXcQ/aHR0cHM6Ly9leGFtcGxlLm9yZy9hYm91dA==");
	stays("SGVsbG8sIHdvcmxkISBUaGlzIGlzIG5vYm9keS4=");
	stays("[REDACTED_EMAIL] and [REDACTED]");
}

/* No more is decoded than a few times the text, wherever in it one may begin. */
static void many_beginnings_cost_little(void **state)
{
	static char raw[200001];

	(void)state;
	for (size_t i = 0; i + 5 <= sizeof(raw) - 1; i += 5)
		memcpy(raw + i, "Y2Fu/", 5);
	raw[sizeof(raw) - 1] = '\0';
	stays(raw);
}

static int setup(void **state)
{
	(void)state;
	return straining_open(&straining, NULL);
}

static int teardown(void **state)
{
	(void)state;
	straining_close(&straining);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_hidden_goes),
	    cmocka_unit_test(any_beginning_is_one),
	    cmocka_unit_test(what_hides_nothing_stays),
	    cmocka_unit_test(many_beginnings_cost_little),
	};

	return cmocka_run_group_tests_name("wrapped", tests, setup, teardown);
}
