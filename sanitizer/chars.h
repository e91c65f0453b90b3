/*
 * chars - classes of bytes, without locale.
 */
#ifndef SANITIZER_CHARS_H
#define SANITIZER_CHARS_H

#include <stdbool.h>
#include <stddef.h>

static inline bool is_digit(unsigned char c)
{
	return (unsigned)c - '0' < 10;
}

static inline bool is_upper(unsigned char c)
{
	return (unsigned)c - 'A' < 26;
}

static inline bool is_lower(unsigned char c)
{
	return (unsigned)c - 'a' < 26;
}

static inline bool is_alpha(unsigned char c)
{
	return (c | 32u) - 'a' < 26;
}

static inline bool is_alnum(unsigned char c)
{
	return is_digit(c) || is_alpha(c);
}

static inline bool is_hex(unsigned char c)
{
	return is_digit(c) || (c | 32u) - 'a' < 6;
}

static inline bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_space(unsigned char c)
{
	return c == ' ' || (unsigned)c - '\t' < 5;
}

static inline bool is_quote(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static inline unsigned char to_lower(unsigned char c)
{
	return is_upper(c) ? (unsigned char)(c | 32) : c;
}

/* The value of a hex digit. */
static inline unsigned hex_value(unsigned char c)
{
	return is_digit(c) ? (unsigned)c - '0' : (c | 32u) - 'a' + 10;
}

/*
 * Length of the UTF-8 letter or mark at s, 0 where there is none: an ASCII byte,
 * a broken sequence, or punctuation, a symbol or blank that ends words.
 */
size_t utf8_letter(const unsigned char *s, size_t n);
/* Where the UTF-8 character that ends just before s[at] begins; `at` if none does. */
size_t utf8_before(const unsigned char *s, size_t at);

#endif
