/*
 * names - does the name of a value say that it is a secret, or a phone number?
 *
 * A name is split at case changes and at separators; its last word or last two
 * words decide: `userPassword`, `X-Api-Key`, `token[]` are secret, `token_type` and
 * `monkey` are not.
 */
#ifndef SANITIZER_NAMES_H
#define SANITIZER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum name_kind {
	NAME_PLAIN,
	NAME_SECRET,
	NAME_DIGITS, /* secret, and digits alone are its usual form: pin, otp, cvv */
	NAME_AUTH,   /* secret, whose value may begin with a scheme: "Bearer x" */
	NAME_KEY,    /* "…key" of any kind: secret if the value looks like one */
	NAME_CODE,   /* secret on a callback's path only */
	NAME_PHONE,
	NAME_VALUE, /* an attribute: what its element's name says */
};

/* Whatever its value looks like, it goes. */
static inline bool name_is_secret(enum name_kind kind)
{
	return kind == NAME_SECRET || kind == NAME_DIGITS || kind == NAME_AUTH;
}

/* What names were found to be: a log has the same ones on every line. */
#define NAMES_BITS 8
#define NAMES_SEEN (1 << NAMES_BITS)
#define NAME_WORDS 4
struct name_seen {
	uint64_t text[NAME_WORDS]; /* see eight_pack() */
	unsigned char len, kind;
};

#define NAME_ROWS_MAX 300
#define NAME_NONE 0xffff

/*
 * The last three letters of all names: a first look, which errs to true. It is asked
 * at every edge of a word, the table of names only where it agrees.
 */
struct name_tails {
	uint32_t bits[32 * 32]; /* of the third and second last, a bit per last letter */
	uint16_t first[256], next[NAME_ROWS_MAX]; /* the rows of a slot; NAME_NONE: no more */
};

/* The name is all of [s, s + n); digits at its end do not count. */
enum name_kind name_kind(const struct name_tails *tails, const unsigned char *s, size_t n);

void name_tails_init(struct name_tails *tails);
/* more: names of one's own, NULL-ended. */
void name_tails_add(struct name_tails *tails, const char *const *more);
/* 1 to 26 for a letter, 0 for anything else. */
extern const unsigned char name_letters[256];

/* Could a name end with the letter before s[at]? at is at least 1. */
static inline bool name_may_end(const struct name_tails *tails, const unsigned char *s, size_t at)
{
	unsigned second = at > 1 ? name_letters[s[at - 2]] : 0,
		 third = at > 2 ? name_letters[s[at - 3]] : 0;

	return tails->bits[third * 32 + second] >> name_letters[s[at - 1]] & 1;
}

/* lists of one's own, NULL-ended, or NULL */
bool name_listed(const char *const *list, const unsigned char *s, size_t n);

#endif
