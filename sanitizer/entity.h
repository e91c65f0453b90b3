/*
 * entity - what view.c decodes after an ampersand: most of those in a text are none.
 */
#ifndef SANITIZER_ENTITY_H
#define SANITIZER_ENTITY_H

#include <stdbool.h>

#define ENTITY_FIRST 1 /* behind the ampersand */
#define ENTITY_SECOND 2

/* Could one begin with s[0], an ampersand, and the two bytes behind it? */
static inline bool entity_may_begin(const unsigned char *s)
{
	static const unsigned char bytes[256] = {
	    ['#'] = ENTITY_FIRST,
	    ['0' ... '9'] = ENTITY_SECOND,
	    ['X'] = ENTITY_SECOND,
	    ['a'] = ENTITY_FIRST,
	    ['c'] = ENTITY_FIRST,
	    ['e'] = ENTITY_FIRST | ENTITY_SECOND,
	    ['g'] = ENTITY_FIRST,
	    ['l'] = ENTITY_FIRST | ENTITY_SECOND,
	    ['m'] = ENTITY_SECOND,
	    ['o'] = ENTITY_SECOND,
	    ['p'] = ENTITY_FIRST | ENTITY_SECOND,
	    ['q'] = ENTITY_FIRST | ENTITY_SECOND,
	    ['t'] = ENTITY_SECOND,
	    ['u'] = ENTITY_SECOND,
	    ['x'] = ENTITY_SECOND,
	};

	return bytes[s[1]] & bytes[s[2]] >> 1 & ENTITY_FIRST;
}

#endif
