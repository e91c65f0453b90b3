/*
 * quad - dotted quads and escapes, sixteen bytes at a time: quad_x86.c or quad_any.c.
 */
#ifndef SANITIZER_QUAD_H
#define SANITIZER_QUAD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Length of the dotted quad at s, where 16 bytes may be read; 0 if none. dots (may be NULL)
 * receives where its dots are.
 */
size_t quad_length(const unsigned char *s, unsigned dots[3]);
/*
 * Is there a dotted quad whose first dot is at s[4], of 16 bytes that may be read, and that no
 * digit stands before? It may go on behind the last of them.
 */
struct quad {
	unsigned start, last, end; /* last: where the fourth number begins */
};
bool quad_around(const unsigned char *s, struct quad *quad);
/* How many bytes stand before the first that may begin an escape, or is above 0x7f. */
size_t escape_find(const unsigned char *s, size_t n);

/* Is this one? */
static inline bool may_escape(unsigned char c)
{
	return c == '%' || c == '&' || c == '\\' || c > 0x7f;
}

#endif
