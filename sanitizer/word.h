/*
 * word - a few words in lower case, and is a text one of them?
 */
#ifndef SANITIZER_WORD_H
#define SANITIZER_WORD_H

#include "chars.h"

struct word {
	unsigned char len;
	char text[17];
};

#define WORD(text) {sizeof(text) - 1, text}

/* Is s one of the words, in any case? */
static inline bool is_word(const unsigned char *s, size_t n, const struct word *words, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		size_t i = 0;
		if (words[k].len != n)
			continue;
		while (i < n && to_lower(s[i]) == (unsigned char)words[k].text[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
}

#define IS_WORD(s, n, words) is_word(s, n, words, sizeof(words) / sizeof(*(words)))

#endif
