/*
 * keyline - which lines behind "-----BEGIN … PRIVATE KEY-----" are of that key?
 *
 * A log may be cut before the key's END, or only name its BEGIN, and other lines may come between:
 * so of a line goes only what looks like the key. That is base64 alone, perhaps quoted, or a long
 * run of it with a stamp before or JSON around; a shorter word where those began; a header in front
 * of all. All other lines are like any, and after a number of them the key is over.
 */
#ifndef SANITIZER_KEYLINE_H
#define SANITIZER_KEYLINE_H

#include <stdbool.h>
#include <stddef.h>

/* What is known behind the lines so far. */
struct keyline {
	bool open;	 /* others may follow */
	bool body;	 /* more than headers was seen */
	bool aligned;	 /* the line before was a part of a line, from column on */
	unsigned shorts; /* lines in a row that are short, or blank */
	unsigned missed; /* lines in a row that are not the key's */
	size_t column;
};

enum keyline_what {
	KEYLINE_NONE, /* nothing in the line is the key's */
	KEYLINE_ALL,  /* all but what stands around a string, or the line is blank */
	KEYLINE_PART, /* there is more in it */
};

/*
 * Behind BEGIN, or a line of the key, a line of n bytes, without its newline and what stands from
 * END on. Of the key is s[*from, *to), perhaps nothing.
 */
enum keyline_what keyline_take(struct keyline *k, const unsigned char *s, size_t n, size_t *from,
			       size_t *to);
/* As if a line had been taken before: its placeholder stands there, alone or in other text. */
void keyline_was_taken(struct keyline *k, bool alone);
/* Is there anything of a key behind its BEGIN, in the same line? */
bool keyline_begins(const unsigned char *s, size_t n);
/* The first END of any key in s[0, n); NULL: there is none. */
const unsigned char *keyline_end(const unsigned char *s, size_t n);

#endif
