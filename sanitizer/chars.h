/*
 * chars - classes of bytes, without locale.
 */
#ifndef SANITIZER_CHARS_H
#define SANITIZER_CHARS_H

#include <stdbool.h>

/* Of each byte what is asked at nearly every one that is read, a bit each. */
extern const unsigned char char_kinds[256];
#define CHAR_ALNUM 1
#define CHAR_SPACE 2
#define CHAR_NAME 4   /* letters, digits and _-.[] */
#define CHAR_WORD 8   /* letters, digits and _-. */
#define CHAR_PATH 16  /* letters, digits and _.: */
#define CHAR_TOKEN 32 /* letters, digits and +/=_. */
#define CHAR_QUOTE 64
#define CHAR_ALPHA 128

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
	return char_kinds[c] & CHAR_ALPHA;
}

static inline bool is_alnum(unsigned char c)
{
	return char_kinds[c] & CHAR_ALNUM;
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
	return char_kinds[c] & CHAR_SPACE;
}

static inline bool is_quote(unsigned char c)
{
	return char_kinds[c] & CHAR_QUOTE;
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

#endif
