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

struct bounds {
	size_t start, end;
};

static inline bool name_byte(unsigned char c)
{
	return char_kinds[c] & CHAR_NAME;
}
/* What the name at [*start, end) says; *start moves to the word before where that belongs to it. */
enum name_kind kind_of(struct san_scanner *scanner, const struct record *r, size_t *start,
		       size_t end);
/* `value` and `content` are what the element or object around them says. */
enum name_kind kind_of_value(struct san_scanner *scanner, const struct record *r, size_t start,
			     size_t end);
/* Is the URL's path before `start` a login's? */
bool login_path(struct record *r, size_t start);
/* Telephone numbers; `at` is the first byte behind their name and the name's closers. */
bool phone_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at);
/* The text of `<entry key="password">x</entry>`, whose '<' is at `at`. *tag: the name's end. */
bool element_text_at(struct san_scanner *scanner, struct record *r, size_t at, size_t *tag);
/* Placeholders, and marks that stood around what they replaced. */
bool only_placeholders(const unsigned char *s, size_t n);
/* Nothing to hide in it: empty, null, boolean, a mask, a reference, a placeholder. */
bool value_stays(const unsigned char *s, size_t n);
/* Is what was read behind the separator (which ends at `at`) code, a type, a reference? */
bool value_is_code(const struct san_rules *rules, const struct record *r, const struct pair *p,
		   size_t at, struct bounds v);
/* The version of a package or image of that name: `"next-auth": "^4.24.5"`, `acme/auth:1.4.2`. */
bool value_is_version(const struct record *r, const struct pair *p, struct bounds v, bool quoted);
/* What was done, or a state of style, directly behind a colon: `token:write`, `.token:hover`. */
bool value_is_act(const struct pair *p, const unsigned char *s, size_t n);
/*
 * Length of "Bearer " and the like at s, the blanks behind included; 0 if none. list: what
 * follows goes on to the end of its line.
 */
size_t scheme_of(const struct pair *p, const unsigned char *s, size_t n, bool *list);
/* A quoted text for people about what the name says. */
bool value_is_label(const struct record *r, const struct pair *p, struct bounds v);
/* Does a longer name go on at `at`, as in `x["Auth:Token"]`? */
bool value_is_key(const struct san_rules *rules, const struct record *r, const struct pair *p,
		  size_t at);
/* `PWD=/x`, whose value begins at i. */
bool value_is_directory(const struct record *r, const struct pair *p, size_t i);
/* Accept a value; a bare one under a quoted name gets the name's quotes. */
void value_add(struct san_scanner *scanner, struct record *r, const struct pair *p, struct bounds v,
	       bool bare);
/* Accept every leaf of the objects and arrays from i on, `depth` of them open. Returns the end. */
size_t container_values(struct san_scanner *scanner, struct record *r, const struct pair *p,
			size_t i, size_t depth);
/* `[a, b]` at i, behind a name without marks: accept each item. False: no list. *found: some go. */
bool list_values(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t i,
		 bool *found);
/* `at` is the first byte behind the separator. */
bool secret_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at);

#endif
