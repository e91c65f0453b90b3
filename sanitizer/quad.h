/*
 * quad - bytes of certain kinds as bits, sixteen at a time: quad_x86.c or quad_any.c.
 */
#ifndef SANITIZER_QUAD_H
#define SANITIZER_QUAD_H

#include <stdbool.h>
#include <stddef.h>

/* Of 16 bytes at s: which are dots, which are no digits. */
void quad_masks(const unsigned char *s, unsigned *dots, unsigned *others);
/* How many bytes stand before the first that may begin an escape, or is above 0x7f. */
size_t escape_find(const unsigned char *s, size_t n);

/* Is this one? */
static inline bool may_escape(unsigned char c)
{
	return c == '%' || c == '&' || c == '\\' || c > 0x7f;
}

#endif
