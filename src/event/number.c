/*
 * number - decimal digits and an exponent in the middle, strtod and printf at the rim.
 *
 * The C library gets and gives digits and "e" only, never a decimal point, so the
 * process's locale does not matter. Common numbers never reach it: up to 15 digits
 * read exactly (Clinger 1990, fast path), and such a text without superfluous zeros
 * is its own shortest form, because two of them never share a double.
 */
#include "number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"

#define DIGITS_MAX 780 /* more cannot change the nearest double */
#define EXPONENT_MAX 100000

struct decimal {
	bool negative;
	size_t n;      /* significant digits in digits[], no leading zero */
	long exponent; /* value = digits * 10^exponent */
	char digits[DIGITS_MAX + 32];
};

static void decimal_digit(struct decimal *decimal, char c, bool fraction)
{
	if (decimal->n == DIGITS_MAX) {
		if (c != '0')
			decimal->digits[DIGITS_MAX - 1] |= 1; /* sticky: not exactly half-way */
		decimal->exponent += !fraction;
		return;
	}
	if (decimal->n || c != '0')
		decimal->digits[decimal->n++] = c;
	decimal->exponent -= fraction;
}

/* [+-]digits[.digits][e[+-]digits], with digits on one side of the point at least. */
static bool decimal_read(struct decimal *decimal, const char *p, const char *end)
{
	long exponent = 0;
	bool any = false, minus;

	decimal->n = 0;
	decimal->exponent = 0;
	decimal->negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end && ascii_is_digit(*p); p++, any = true)
		decimal_digit(decimal, *p, false);
	if (p < end && *p == '.')
		for (p++; p < end && ascii_is_digit(*p); p++, any = true)
			decimal_digit(decimal, *p, true);
	if (!any)
		return false;
	if (p == end)
		return true;
	if ((*p | 0x20) != 'e')
		return false;
	p++;
	minus = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end && ascii_is_digit(*p); p++)
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (*p - '0');
	decimal->exponent += minus ? -exponent : exponent;
	return p == end;
}

static double decimal_value(struct decimal *decimal)
{
	static const double tens[] = {1e0,  1e1,  1e2,	1e3,  1e4,  1e5,  1e6,	1e7,
				      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	double value = 0;

	if (decimal->n <= 15 && decimal->exponent >= -22 && decimal->exponent <= 22) {
		for (size_t i = 0; i < decimal->n; i++)
			value = value * 10 + (decimal->digits[i] - '0');
		value = decimal->exponent < 0 ? value / tens[-decimal->exponent]
					      : value * tens[decimal->exponent];
	} else if (decimal->n) {
		snprintf(decimal->digits + decimal->n, sizeof(decimal->digits) - decimal->n, "e%ld",
			 decimal->exponent);
		value = strtod(decimal->digits, NULL);
	}
	return decimal->negative ? -value : value;
}

double number_read(const char *text, size_t len)
{
	struct decimal decimal;

	return decimal_read(&decimal, text, text + len) ? decimal_value(&decimal) : NAN;
}

/* White space and line ends of ECMAScript, as UTF-8; 0 if there is none. */
static size_t blank_at(const char *p, const char *end)
{
	static const char *const wide[] = {"\xc2\xa0",	   "\xe1\x9a\x80", "\xe2\x80\xa8",
					   "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
					   "\xe3\x80\x80", "\xef\xbb\xbf"};

	if (p == end)
		return 0;
	if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		size_t n = strlen(wide[i]);

		if ((size_t)(end - p) >= n && memcmp(p, wide[i], n) == 0)
			return n;
	}
	/* U+2000 to U+200A */
	if (end - p >= 3 && memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] <= 0x8a)
		return 3;
	return 0;
}

static void trim(const char **start, const char **end)
{
	const char *last = *start;
	size_t n;

	while ((n = blank_at(*start, *end)) > 0)
		*start += n;
	for (const char *p = last = *start; p < *end; p += n ? n : 1) {
		n = blank_at(p, *end);
		if (!n)
			last = p + 1;
	}
	*end = last;
}

static double radix_value(const char *p, const char *end, unsigned radix)
{
	double value = 0;

	if (p == end)
		return NAN;
	for (; p < end; p++) {
		unsigned digit = (unsigned)ascii_hex(*p);

		if (digit >= radix)
			return NAN;
		value = value * radix + digit;
	}
	return value;
}

double number_coerce(const char *text, size_t len)
{
	const char *end = text + len, *p = text;

	trim(&p, &end);
	if (p == end)
		return 0;
	if (end - p > 2 && *p == '0') {
		switch (p[1] | 0x20) {
		case 'x':
			return radix_value(p + 2, end, 16);
		case 'o':
			return radix_value(p + 2, end, 8);
		case 'b':
			return radix_value(p + 2, end, 2);
		default:
			break;
		}
	}
	if (end - p == 8 && memcmp(p, "Infinity", 8) == 0)
		return INFINITY;
	if (end - p == 9 && memcmp(p + 1, "Infinity", 8) == 0 && (*p == '-' || *p == '+'))
		return *p == '-' ? -INFINITY : INFINITY;
	return number_read(p, (size_t)(end - p));
}

/*
 * The fewest digits that read back as number; *point: where the point stands behind
 * them. What printf puts for the point (the locale's affair) is skipped.
 */
static void shortest(double number, struct decimal *decimal, int *point)
{
	char text[40];

	decimal->negative = false;
	/* A denormal may need fewer than 15 digits. */
	for (int precision = number < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
		const char *p = text;

		snprintf(text, sizeof(text), "%.*e", precision, number);
		for (decimal->n = 0; *p != 'e'; p++)
			if (ascii_is_digit(*p))
				decimal->digits[decimal->n++] = *p;
		decimal->exponent = strtol(p + 1, NULL, 10) - precision;
		if (decimal_value(decimal) == number)
			break;
	}
	*point = (int)((long)decimal->n + decimal->exponent);
	while (decimal->n > 1 && decimal->digits[decimal->n - 1] == '0')
		decimal->n--;
}

static char *put(char *out, const char *data, size_t n)
{
	memcpy(out, data, n);
	return out + n;
}

static char *put_zeros(char *out, int n)
{
	while (n-- > 0)
		*out++ = '0';
	return out;
}

/* ECMA-262, Number::toString: where the point or the exponent goes. */
static char *put_decimal(char *out, const char *digits, int n, int point)
{
	if (n <= point && point <= 21)
		return put_zeros(put(out, digits, (size_t)n), point - n);
	if (point > 0 && point <= 21) {
		out = put(put(out, digits, (size_t)point), ".", 1);
		return put(out, digits + point, (size_t)(n - point));
	}
	if (point > -6 && point <= 0) {
		out = put_zeros(put(out, "0.", 2), -point);
		return put(out, digits, (size_t)n);
	}
	out = put(out, digits, 1);
	if (n > 1)
		out = put(put(out, ".", 1), digits + 1, (size_t)(n - 1));
	return out + snprintf(out, 8, "e%+d", point - 1);
}

size_t number_write(char out[NUMBER_TEXT_MAX], double number)
{
	struct decimal decimal;
	char *p = out;
	int point;

	if (isnan(number))
		return (size_t)(put(out, "NaN", 3) - out);
	if (number < 0) {
		*p++ = '-';
		number = -number;
	}
	if (isinf(number))
		return (size_t)(put(p, "Infinity", 8) - out);
	if (number == 0)
		return (size_t)(put(out, "0", 1) - out);
	shortest(number, &decimal, &point);
	return (size_t)(put_decimal(p, decimal.digits, (int)decimal.n, point) - out);
}

bool number_is_canonical(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t digits = 0, zeros = 0;

	if (p < end && *p == '-')
		p++;
	if (p == end || (*p == '0' && p + 1 == end))
		return p < end && p == text; /* 0 but not -0 */
	for (; p < end && ascii_is_digit(*p); p++)
		digits += digits > 0 || *p != '0';
	if (p == end)
		return digits <= 15;
	if (*p != '.' || end[-1] == '0')
		return false;
	for (p++; p < end && ascii_is_digit(*p); p++) {
		zeros += digits == 0 && *p == '0';
		digits += digits > 0 || *p != '0';
	}
	return p == end && digits <= 15 && zeros <= 5;
}
