/*
 * word - a few words in lower case, by their length, and is a text one of them?
 */
#ifndef SANITIZER_WORD_H
#define SANITIZER_WORD_H

#include "chars.h"

#define WORD_LENGTHS 18

/* Of each length those that there are, in order, a blank behind each: [4] = "null true ". */
struct words {
	const char *of[WORD_LENGTHS];
};

/* Is s one of the words, in any case? */
static inline bool is_word(const struct words *words, const unsigned char *s, size_t n)
{
	if (n >= WORD_LENGTHS || !words->of[n])
		return false;
	unsigned char first = to_lower(s[0]);
	for (const char *word = words->of[n]; *word && (unsigned char)*word <= first;
	     word += n + 1) {
		size_t i = 1;
		if ((unsigned char)*word != first)
			continue;
		while (i < n && to_lower(s[i]) == (unsigned char)word[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
}

#endif
