/*
 * Dotted quads are told alike by the machine's own code path and the one for any machine, and
 * as a reader of digit after digit tells them.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "quad.h"
#include "san_input.h"

/* The path for machines without vectors, beside the one that was built. */
#define quad_length any_quad_length
#define quad_around any_quad_around
#define escape_find any_escape_find
size_t any_quad_length(const unsigned char *s, unsigned dots[3]);
bool any_quad_around(const unsigned char *s, struct quad *quad);
size_t any_escape_find(const unsigned char *s, size_t n);
#include "quad_any.c"
#undef quad_length
#undef quad_around
#undef escape_find

#define INPUTS 1000000
#define WINDOW 16
#define DOT 4 /* where quad_around() has the first one */

static bool digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the number from 0 to 255 at s, of n bytes; 0: there is none, or it goes on. */
static size_t octet(const unsigned char *s, size_t n)
{
	unsigned value = 0;
	size_t len = 0;

	while (len < n && digit(s[len]) && len < 4)
		value = value * 10 + (unsigned)(s[len++] - '0');
	return len > 3 || value > 255 || (len > 1 && s[0] == '0') ? 0 : len;
}

static size_t read_quad(const unsigned char *s, size_t n, unsigned dots[3])
{
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		size_t len = octet(s + at, n - at);
		if (!len)
			return 0;
		at += len;
		if (i == 3)
			return at;
		if (at == n || s[at] != '.')
			return 0;
		dots[i] = (unsigned)at++;
	}
	return at;
}

/* A quad from s[from] on, or what is nearly one: numbers up to 299, at times a byte changed. */
static void make(unsigned char *s, size_t from, uint64_t *seed)
{
	static const char others[] = "0123456789122255....5 /:a\n";
	char text[WINDOW + 8];
	int len = snprintf(text, sizeof(text), "%u.%u.%u.%u", (unsigned)(san_random(seed) % 300),
			   (unsigned)(san_random(seed) % 300), (unsigned)(san_random(seed) % 300),
			   (unsigned)(san_random(seed) % 300));

	for (size_t i = 0; i < WINDOW; i++)
		s[i] = (unsigned char)others[san_random(seed) % (sizeof(others) - 1)];
	for (size_t i = from; i < WINDOW && i < from + (size_t)len; i++)
		s[i] = (unsigned char)text[i - from];
	if (san_random(seed) % 3 == 0)
		s[san_random(seed) % WINDOW] =
		    (unsigned char)others[san_random(seed) % (sizeof(others) - 1)];
	if (san_random(seed) % 16 == 0)
		s[san_random(seed) % WINDOW] = (unsigned char)san_random(seed);
}

static void lengths_are_alike(void **state)
{
	uint64_t seed = 1;
	size_t quads = 0;

	(void)state;
	for (int i = 0; i < INPUTS; i++) {
		unsigned char s[WINDOW];
		unsigned want[3] = {0}, own[3] = {0}, any[3] = {0};
		make(s, 0, &seed);
		size_t len = read_quad(s, WINDOW, want);
		assert_int_equal(quad_length(s, own), len);
		assert_int_equal(any_quad_length(s, any), len);
		if (!len)
			continue;
		quads++;
		assert_memory_equal(own, want, sizeof(want));
		assert_memory_equal(any, want, sizeof(want));
	}
	assert_true(quads > INPUTS / 10);
}

/* Where the number before the first dot begins; DOT: there is none, or it is too long. */
static size_t first_start(const unsigned char *s)
{
	size_t start = DOT;

	while (start > 0 && digit(s[start - 1]))
		start--;
	return start == 0 ? DOT : start;
}

static void quads_around_a_dot_are_alike(void **state)
{
	uint64_t seed = 2;
	size_t quads = 0;

	(void)state;
	for (int i = 0; i < INPUTS; i++) {
		unsigned char s[WINDOW];
		struct quad own, any;
		unsigned dots[3] = {0};
		make(s, san_random(&seed) % DOT, &seed);
		s[DOT] = '.';
		size_t start = first_start(s), len = 0;
		if (start < DOT)
			len = read_quad(s + start, WINDOW - start, dots);
		assert_int_equal(quad_around(s, &own), len > 0);
		assert_int_equal(any_quad_around(s, &any), len > 0);
		if (!len)
			continue;
		quads++;
		assert_int_equal(own.start, start);
		assert_int_equal(own.last, start + dots[2] + 1);
		assert_int_equal(own.end, start + len);
		assert_memory_equal(&own, &any, sizeof(own));
	}
	assert_true(quads > INPUTS / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths_are_alike),
	    cmocka_unit_test(quads_around_a_dot_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
