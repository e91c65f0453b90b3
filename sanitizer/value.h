/*
 * value - where the value of a secret's or phone's name begins and ends.
 */
#ifndef SANITIZER_VALUE_H
#define SANITIZER_VALUE_H

#include "engine.h"
#include "names.h"

struct pair {
	size_t start, end; /* the name, its digits included */
	enum name_kind kind;
	unsigned char before;	  /* what stands before the name and its quote; 0: nothing */
	unsigned char name_quote; /* closing quote of the name; 0: none */
	size_t name_quote_at;
	bool in_call;	   /* before is an opening parenthesis */
	bool flag;	   /* written as --name */
	bool spaced;	   /* blanks before the separator */
	unsigned char sep; /* '=', ':', ',', '>' or ' ' */
	size_t sep_at;
};

/* Long and mixed enough to be a credential rather than a word. */
bool credential_like(const unsigned char *s, size_t n);
/* `at` is the first byte behind the separator. */
bool secret_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at);
/* `at` is the first byte behind the name and its closers. */
bool phone_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at);

#endif
