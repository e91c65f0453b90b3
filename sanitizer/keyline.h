/*
 * keyline - is a line behind "-----BEGIN … PRIVATE KEY-----" one of that key?
 *
 * A log may be cut before the key's END, or only name its BEGIN: so a line is the key's only
 * where it looks like it. That is base64 alone, perhaps quoted, or a long run of it with a
 * stamp before or JSON around; a shorter line at the same place, which ends the key; a header
 * before them; a line of blanks.
 */
#ifndef SANITIZER_KEYLINE_H
#define SANITIZER_KEYLINE_H

#include <stdbool.h>
#include <stddef.h>

/* What is known behind the lines so far; begins as zeros. */
struct key_lines {
	unsigned lines;
	size_t column; /* where base64 began in the last line that had more; 0: it had not */
	bool header;   /* the last line was one: what is blank in a log may follow */
	bool body;     /* more than headers was seen */
};

enum key_line {
	KEY_OVER, /* the line is none of the key's */
	KEY_LINE, /* all of it is, but what stands around a string; or it is blank */
	KEY_PART, /* there is more in it */
	KEY_LAST, /* the same, and no other line will be the key's */
};

/*
 * What a line of n bytes is, without its newline and what stands from "-----END " on. Of the key is
 * s[*from, *to), perhaps nothing.
 */
enum key_line key_line(struct key_lines *k, const unsigned char *s, size_t n, size_t *from,
		       size_t *to);
/* Is there anything of a key behind its BEGIN, in the same line? */
bool key_begins(const unsigned char *s, size_t n);

#endif
