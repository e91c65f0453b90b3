/*
 * names - the table of name.def, asked by the last two words.
 */
#include "names.h"

#include "chars.h"

#include <string.h>

static const struct name_row {
	const char *before; /* NULL: the last word alone decides */
	const char *last;
	unsigned char before_len, last_len, kind;
	bool glued;
} rows[] = {
#define LAST(word, kind) {NULL, word, 0, sizeof(word) - 1, NAME_##kind, false},
#define GLUED(word, kind) {NULL, word, 0, sizeof(word) - 1, NAME_##kind, true},
#define PAIR(word, last, kind) {word, last, sizeof(word) - 1, sizeof(last) - 1, NAME_##kind, false},
#include "name.def"
#undef LAST
#undef GLUED
#undef PAIR
};

/* The last letter of every row: the rows that a word can match are found by memchr(). */
static const unsigned char ends[] = {
#define LAST(word, kind) (unsigned char)(word)[sizeof(word) - 2],
#define GLUED(word, kind) LAST(word, kind)
#define PAIR(word, last, kind) LAST(last, kind)
#include "name.def"
#undef LAST
#undef GLUED
#undef PAIR
};

#define WORD_MAX 32

/* Case changes begin words: access|Token, API|Key. s[at - 1] is alphanumeric too. */
static bool word_starts(const unsigned char *s, size_t at, size_t to)
{
	if (!is_upper(s[at]))
		return false;
	return !is_upper(s[at - 1]) || (at + 1 < to && is_lower(s[at + 1]));
}

/* The word that ends at s[*end), lower-cased; *end moves to its start. Length 0: none left. */
static size_t word_before(const unsigned char *s, size_t *end, unsigned char *word)
{
	size_t to = *end, from;

	while (to > 0 && !is_alnum(s[to - 1]))
		to--;
	for (from = to; from > 0 && is_alnum(s[from - 1]); from--)
		if (from < to && word_starts(s, from, to))
			break;
	size_t len = to - from;
	*end = from;
	if (len > WORD_MAX)
		len = WORD_MAX;
	for (size_t i = 0; i < len; i++)
		word[i] = to_lower(s[to - len + i]);
	return len;
}

static bool row_matches(const struct name_row *row, const unsigned char *last, size_t n,
			const unsigned char *before, size_t m)
{
	if (n < row->last_len || memcmp(last + n - row->last_len, row->last, row->last_len) != 0)
		return false;
	size_t glued = n - row->last_len;
	if (!row->before)
		return glued == 0 || row->glued;
	return glued ? glued == row->before_len && !memcmp(last, row->before, glued)
		     : m == row->before_len && !memcmp(before, row->before, m);
}

/* "redacted" before it: what stands for a token or key names nothing, as with JSON keys. */
static bool stands_for_something(const unsigned char *s, size_t n, size_t words)
{
	static const char redacted[] = "redacted";
	unsigned char word[WORD_MAX];
	size_t len = 0;

	for (; words > 0; words--)
		len = word_before(s, &n, word);
	return len == sizeof(redacted) - 1 && !memcmp(word, redacted, len);
}

enum name_kind name_kind(const unsigned char *s, size_t n)
{
	unsigned char last[WORD_MAX], before[WORD_MAX];
	enum name_kind kind = NAME_PLAIN;

	while (n > 0 && (is_digit(s[n - 1]) || !is_alnum(s[n - 1])))
		n--;
	size_t at = n;
	size_t last_len = word_before(s, &at, last);
	size_t before_len = word_before(s, &at, before);
	const unsigned char *end = ends, *stop = ends + sizeof(ends);
	while (last_len && (end = memchr(end, last[last_len - 1], (size_t)(stop - end))) != NULL) {
		const struct name_row *row = &rows[end++ - ends];
		if (!row_matches(row, last, last_len, before, before_len))
			continue;
		if (row->before)
			return stands_for_something(s, n, 3) ? NAME_PLAIN : row->kind;
		kind = row->kind;
	}
	return kind && stands_for_something(s, n, 2) ? NAME_PLAIN : kind;
}

/* 1 to 26 for a letter, 0 for anything else. */
static unsigned letter_of(unsigned char c)
{
	return is_alpha(c) ? (c | 32u) - 'a' + 1 : 0;
}

static void tail_add(struct name_tails *tails, unsigned third, unsigned second, unsigned last)
{
	unsigned bit = (third * 27 + second) * 26 + last - 1;

	tails->bits[bit / 32] |= 1u << bit % 32;
}

/* What stands in front of a word shorter than three letters may be anything. */
static void tails_add(struct name_tails *tails, const char *name)
{
	size_t n = strlen(name);

	while (n > 0 && !is_alpha((unsigned char)name[n - 1]))
		n--;
	if (n == 0)
		return;
	unsigned last = letter_of((unsigned char)name[n - 1]);
	if (n > 2) {
		tail_add(tails, letter_of((unsigned char)name[n - 3]),
			 letter_of((unsigned char)name[n - 2]), last);
		return;
	}
	for (unsigned third = 0; third < 27; third++)
		for (unsigned second = 0; second < 27; second++)
			if (n < 2 || second == letter_of((unsigned char)name[n - 2]))
				tail_add(tails, third, second, last);
}

void name_tails_init(struct name_tails *tails, const char *const *more)
{
	memset(tails, 0, sizeof(*tails));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		tails_add(tails, rows[i].last);
	for (; more && *more; more++)
		tails_add(tails, *more);
}

void name_tails_tell(const struct name_tails *tails, name_tail_fn *tell, void *context)
{
	for (unsigned bit = 0; bit < 27 * 27 * 26; bit++) {
		if (!tails->bits[bit / 32]) {
			bit |= 31;
			continue;
		}
		unsigned third = bit / 26 / 27, second = bit / 26 % 27;
		unsigned char letters[3] = {(unsigned char)(third ? third + 'a' - 1 : 0),
					    (unsigned char)(second ? second + 'a' - 1 : 0),
					    (unsigned char)(bit % 26 + 'a')};
		if (tails->bits[bit / 32] >> bit % 32 & 1)
			tell(context, letters);
	}
}

bool name_may_end(const struct name_tails *tails, const unsigned char *s, size_t at)
{
	unsigned last = letter_of(s[at - 1]), second = at > 1 ? letter_of(s[at - 2]) : 0,
		 third = at > 2 ? letter_of(s[at - 3]) : 0;

	if (!last)
		return false;
	unsigned bit = (third * 27 + second) * 26 + last - 1;
	return tails->bits[bit / 32] >> bit % 32 & 1;
}

/* Names compare without case, '-', '_' and '.' ignored. */
bool name_listed(const char *const *list, const unsigned char *s, size_t n)
{
	for (; list && *list; list++) {
		const char *want = *list;
		size_t i = 0;
		for (;;) {
			while (i < n && !is_alnum(s[i]))
				i++;
			while (*want && !is_alnum((unsigned char)*want))
				want++;
			if (i == n || !*want || to_lower(s[i]) != to_lower((unsigned char)*want))
				break;
			i++;
			want++;
		}
		if (i == n && !*want)
			return true;
	}
	return false;
}
