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

#define ROWS (sizeof(rows) / sizeof(*rows))
_Static_assert(ROWS <= NAME_ROWS_MAX, "there is a place for each");

#define WORD_MAX 32

#define LETTER(upper, number) [upper] = number, [upper | 32] = number

const unsigned char name_letters[256] = {
    LETTER('A', 1), LETTER('B', 2), LETTER('C', 3), LETTER('D', 4), LETTER('E', 5),
    LETTER('F', 6), LETTER('G', 7), LETTER('H', 8), LETTER('I', 9), LETTER('J', 10),
    LETTER('K', 11), LETTER('L', 12), LETTER('M', 13), LETTER('N', 14), LETTER('O', 15),
    LETTER('P', 16), LETTER('Q', 17), LETTER('R', 18), LETTER('S', 19), LETTER('T', 20),
    LETTER('U', 21), LETTER('V', 22), LETTER('W', 23), LETTER('X', 24), LETTER('Y', 25),
    LETTER('Z', 26)
};

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
	if (n < row->last_len)
		return false;
	size_t glued = n - row->last_len;
	if (row->before ? (glued ? glued != row->before_len : m != row->before_len)
			: glued && !row->glued)
		return false;
	if (memcmp(last + glued, row->last, row->last_len) != 0)
		return false;
	return !row->before || !memcmp(glued ? last : before, row->before, row->before_len);
}

/* "redacted" before it: what stands for a token or key names nothing, as with JSON keys. */
static bool stands_for_something(const unsigned char *s, size_t n, size_t words)
{
	static const char redacted[] = "redacted";
	unsigned char word[WORD_MAX];
	size_t len = 0;

	if (n < sizeof(redacted) + 2) /* it and a word of two letters */
		return false;
	for (; words > 0; words--)
		len = word_before(s, &n, word);
	return len == sizeof(redacted) - 1 && !memcmp(word, redacted, len);
}

/* What leads to the last word, `PublicKeyToken` of .NET: nobody hides a public key. */
static bool is_public_key(const unsigned char *before, size_t n, const unsigned char *s, size_t at)
{
	unsigned char word[WORD_MAX];

	return n == 3 && !memcmp(before, "key", 3) && word_before(s, &at, word) == 6 &&
	       !memcmp(word, "public", 6);
}

/* Rows share a slot by the last two letters and, for pairs, by the first word's first. */
static uint8_t slot_of(const unsigned char *end, unsigned char first)
{
	return (uint8_t)(end[-1] * 31u + end[-2] * 7u + first * 13u);
}

static void rows_index(struct name_tails *tails)
{
	memset(tails->first, 0xff, sizeof(tails->first)); /* NAME_NONE */
	for (size_t i = ROWS; i-- > 0;) {
		const unsigned char *end = (const unsigned char *)rows[i].last + rows[i].last_len;
		uint8_t slot = slot_of(end, rows[i].before ? (unsigned char)rows[i].before[0] : 0);
		tails->next[i] = tails->first[slot];
		tails->first[slot] = (uint16_t)i;
	}
}

/* The first pair, or the last single word, that matches in the slot; NULL: none. */
static const struct name_row *row_find(const struct name_tails *tails, uint8_t slot, bool pairs,
				       const unsigned char *last, size_t n,
				       const unsigned char *before, size_t m)
{
	const struct name_row *found = NULL;

	for (uint16_t i = tails->first[slot]; i != NAME_NONE; i = tails->next[i]) {
		if ((rows[i].before != NULL) != pairs || !row_matches(&rows[i], last, n, before, m))
			continue;
		found = &rows[i];
		if (pairs)
			break;
	}
	return found;
}

enum name_kind name_kind(const struct name_tails *tails, const unsigned char *s, size_t n)
{
	unsigned char last[WORD_MAX], before[WORD_MAX];
	const struct name_row *row = NULL;

	while (n > 0 && !is_alpha(s[n - 1]))
		n--;
	if (n == 0 || !name_may_end(tails, s, n))
		return NAME_PLAIN;
	size_t at = n;
	size_t last_len = word_before(s, &at, last);
	if (last_len < 2)
		return NAME_PLAIN;
	size_t before_len = word_before(s, &at, before);
	const unsigned char *end = last + last_len;
	if (before_len > 0)
		row = row_find(tails, slot_of(end, before[0]), true, last, last_len, before,
			       before_len);
	if (!row)
		row = row_find(tails, slot_of(end, last[0]), true, last, last_len, before,
			       before_len);
	if (row)
		return stands_for_something(s, n, 3) ? NAME_PLAIN : row->kind;
	row = row_find(tails, slot_of(end, 0), false, last, last_len, before, before_len);
	if (!row || stands_for_something(s, n, 2) || is_public_key(before, before_len, s, at))
		return NAME_PLAIN;
	return row->kind;
}

static void tail_add(struct name_tails *tails, unsigned third, unsigned second, unsigned last)
{
	tails->bits[third * 32 + second] |= 1u << last;
}

/* What stands in front of a word shorter than three letters may be anything. */
static void tails_add(struct name_tails *tails, const char *name)
{
	size_t n = strlen(name);

	while (n > 0 && !is_alpha((unsigned char)name[n - 1]))
		n--;
	if (n == 0)
		return;
	unsigned last = name_letters[(unsigned char)name[n - 1]];
	if (n > 2) {
		tail_add(tails, name_letters[(unsigned char)name[n - 3]],
			 name_letters[(unsigned char)name[n - 2]], last);
		return;
	}
	for (unsigned third = 0; third < 27; third++)
		for (unsigned second = 0; second < 27; second++)
			if (n < 2 || second == name_letters[(unsigned char)name[n - 2]])
				tail_add(tails, third, second, last);
}

void name_tails_init(struct name_tails *tails)
{
	memset(tails, 0, sizeof(*tails));
	rows_index(tails);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		tails_add(tails, rows[i].last);
}

void name_tails_add(struct name_tails *tails, const char *const *more)
{
	for (; *more; more++)
		tails_add(tails, *more);
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
