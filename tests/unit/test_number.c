#include "unit.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static void prints(const char *text, const char *expected)
{
	char out[NUMBER_TEXT_MAX + 1];
	size_t n = number_write(out, number_read(text, strlen(text)));

	assert_true(n <= NUMBER_TEXT_MAX);
	out[n] = '\0';
	assert_string_equal(out, expected);
	if (number_is_canonical(text, strlen(text)))
		assert_string_equal(out, text);
}

/* What `String(JSON.parse(text))` gives. */
static void as_javascript_prints(void **state)
{
	static const char *const pairs[][2] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {"0.0", "0"},
	    {"1", "1"},
	    {"-1", "-1"},
	    {"1.0", "1"},
	    {"100", "100"},
	    {"1e2", "100"},
	    {"9.99", "9.99"},
	    {"0.1", "0.1"},
	    {"0.30", "0.3"},
	    {"1200.5", "1200.5"},
	    {"0.000001", "0.000001"},
	    {"0.0000001", "1e-7"},
	    {"0.00000123", "0.00000123"},
	    {"1.5e-9", "1.5e-9"},
	    {"1e20", "100000000000000000000"},
	    {"1e21", "1e+21"},
	    {"1e30", "1e+30"},
	    {"1.25e25", "1.25e+25"},
	    {"123456789012345680000", "123456789012345680000"},
	    {"9007199254740993", "9007199254740992"},
	    {"9007199254740991", "9007199254740991"},
	    {"0.1e1", "1"},
	    {"5e-324", "5e-324"},
	    {"1.7976931348623157e308", "1.7976931348623157e+308"},
	    {"1e400", "Infinity"},
	    {"-1e400", "-Infinity"},
	    {"1e-400", "0"},
	    {"3.141592653589793", "3.141592653589793"},
	    {"0.1000000000000000055511151231257827", "0.1"},
	    {"2.2250738585072011e-308", "2.225073858507201e-308"},
	    {"1e99999999999999999999", "Infinity"},
	    {"1e-99999999999999999999", "0"},
	    {"123456789.123456789", "123456789.12345679"},
	    {"4.35", "4.35"},
	    {"0.000001234", "0.000001234"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		prints(pairs[i][0], pairs[i][1]);
}

static void long_numbers_are_read_to_their_end(void **state)
{
	char text[1200];

	(void)state;
	memset(text, '0', sizeof(text));
	text[1] = '.';
	memcpy(text + 1000, "25", 3);
	assert_true(number_read(text, strlen(text)) == 0);
	memset(text, '9', 300);
	text[300] = '\0';
	prints(text, "1e+300");
}

static void random_numbers_come_back(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char out[NUMBER_TEXT_MAX];
		double number;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&number, &x, sizeof(number));
		if (!isfinite(number))
			continue;
		assert_true(number_read(out, number_write(out, number)) == number);
	}
}

static void canonical_texts_are_their_own_print(void **state)
{
	uint64_t x = 1234567;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[40], out[NUMBER_TEXT_MAX + 1];
		size_t len;

		x = x * 6364136223846793005u + 1442695040888963407u;
		len = (size_t)snprintf(text, sizeof(text), "%s%u.%0*u", i % 2 ? "-" : "",
				       (unsigned)(x >> 60), (int)(x >> 33 & 7) + 1,
				       (unsigned)(x >> 40 & 0xfffff));
		if (!number_is_canonical(text, len))
			continue;
		out[number_write(out, number_read(text, len))] = '\0';
		assert_string_equal(out, text);
	}
	assert_true(number_is_canonical("9.99", 4));
	assert_true(number_is_canonical("0", 1));
	assert_false(number_is_canonical("-0", 2));
	assert_false(number_is_canonical("1e3", 3));
	assert_false(number_is_canonical("0.10", 4));
	assert_false(number_is_canonical("0.0000001", 9));
	assert_false(number_is_canonical("1234567890123456", 16));
}

static void coerces(const char *text, double expected)
{
	double number = number_coerce(text, strlen(text));

	if (isnan(expected) ? !isnan(number) : number != expected)
		fail_msg("Number(\"%s\") is not %g", text, number);
}

static void strings_coerce_as_in_javascript(void **state)
{
	(void)state;
	coerces("", 0);
	coerces(" \t\n", 0);
	coerces("\xc2\xa0"
		"5\xe2\x80\xa9",
		5);
	coerces("\xef\xbb\xbf"
		"5",
		5);
	coerces(" 12 ", 12);
	coerces("1 2", (double)NAN);
	coerces("012", 12);
	coerces("+5", 5);
	coerces(".5", 0.5);
	coerces("5.", 5);
	coerces("1e3", 1000);
	coerces("0x1F", 31);
	coerces("0b11", 3);
	coerces("0o17", 15);
	coerces("-0x1", (double)NAN);
	coerces("0x", (double)NAN);
	coerces("0xg", (double)NAN);
	coerces("Infinity", (double)INFINITY);
	coerces("-Infinity", -(double)INFINITY);
	coerces("infinity", (double)NAN);
	coerces("12px", (double)NAN);
	coerces(".", (double)NAN);
	coerces("1e", (double)NAN);
	coerces("1_000", (double)NAN);
	coerces("nan", (double)NAN);
}

static void the_locale_does_not_matter(void **state)
{
	static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8",
					      "C.UTF-8"};

	(void)state;
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		if (!setlocale(LC_ALL, locales[i]))
			continue;
		prints("3.141592653589793", "3.141592653589793");
		prints("1.5e-9", "1.5e-9");
	}
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_javascript_prints),
	    cmocka_unit_test(long_numbers_are_read_to_their_end),
	    cmocka_unit_test(random_numbers_come_back),
	    cmocka_unit_test(canonical_texts_are_their_own_print),
	    cmocka_unit_test(strings_coerce_as_in_javascript),
	    cmocka_unit_test(the_locale_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
