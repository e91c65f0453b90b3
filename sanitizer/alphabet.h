/*
 * alphabet - UTF-8 as far as words need it.
 */
#ifndef SANITIZER_ALPHABET_H
#define SANITIZER_ALPHABET_H

#include <stddef.h>

/*
 * Length of the UTF-8 letter or mark at s, 0 where there is none: an ASCII byte,
 * a broken sequence, or punctuation, a symbol or blank that ends words.
 */
size_t utf8_letter(const unsigned char *s, size_t n);
/* Where the UTF-8 character that ends just before s[at] begins; `at` if none does. */
size_t utf8_before(const unsigned char *s, size_t at);

#endif
