/*
 * bot - the words of bots.def, and shapes that no browser has.
 *
 * A browser names its system in parentheses between several products; "curl/8.0" or
 * "Some Tool 1.2" does not. So most libraries never heard of are bots by shape.
 */
#include "bot.h"

#include <string.h>

#include "ascii.h"

enum where { ANY, START, WORD };

struct bot {
	const char *word;
	size_t len;
	enum where where;
	const char *but;
	const char *nor;
};

#define BOTS(letter, seconds) static const struct bot bots_##letter[] = {
#define BOT(word, where, but, nor) {word, sizeof(word) - 1, where, but, nor},
#define END_BOTS                                                                                   \
	{                                                                                          \
		NULL, 0, ANY, "", ""                                                               \
	}                                                                                          \
	}                                                                                          \
	;
#include "bots.def"
#undef BOTS
#undef BOT
#undef END_BOTS

/* clang-format off */
#define LETTERS                                                                                    \
	LETTER(A, a) LETTER(B, b) LETTER(C, c) LETTER(D, d) LETTER(E, e) LETTER(F, f)              \
	LETTER(G, g) LETTER(H, h) LETTER(I, i) LETTER(J, j) LETTER(K, k) LETTER(L, l)              \
	LETTER(M, m) LETTER(N, n) LETTER(O, o) LETTER(P, p) LETTER(Q, q) LETTER(R, r)              \
	LETTER(S, s) LETTER(T, t) LETTER(U, u) LETTER(V, v) LETTER(W, w) LETTER(X, x)              \
	LETTER(Y, y) LETTER(Z, z)
/* clang-format on */

#define LETTER(upper, lower) AT_##lower,
enum { LETTERS LETTERS_END };
#undef LETTER

/* The second letters as bits: most places in an agent are left by one look at them. */
#define LETTER(upper, lower) upper = 1 << AT_##lower,
enum { LETTERS OTHER = 1 << LETTERS_END };
#undef LETTER

struct group {
	int seconds;
	const struct bot *bots;
};

/* By first letter. */
static const struct group groups[LETTERS_END] = {
#define BOTS(letter, letters) [AT_##letter] = {letters, bots_##letter},
#define BOT(word, where, but, nor)
#define END_BOTS
#include "bots.def"
#undef BOTS
#undef BOT
#undef END_BOTS
};

/* agent is in lower case. */
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '_';
}

/* Does the agent have one of the comma-separated words at p (or, behind: right before it)? */
static bool is_excepted(const char *words, const char *start, const char *p, const char *end,
			bool behind)
{
	while (*words) {
		size_t len = strcspn(words, ",");
		const char *at = behind ? p - len : p;

		if (behind ? (size_t)(p - start) >= len : (size_t)(end - p) >= len)
			if (memcmp(at, words, len) == 0)
				return true;
		words += len + (words[len] == ',');
	}
	return false;
}

static bool row_matches(const struct bot *bot, const char *start, const char *p, const char *end)
{
	size_t len = bot->len;

	/* No word is shorter than three letters; most rows fall at the third. */
	if ((size_t)(end - p) < len || bot->word[2] != p[2] || memcmp(p, bot->word, len) != 0)
		return false;
	if (bot->where == START && p != start)
		return false;
	if (bot->where == WORD && p + len < end && is_word(p[len]))
		return false;
	return !is_excepted(bot->but, start, p, end, true) &&
	       !is_excepted(bot->nor, start, p + len, end, false);
}

static int bit_of(char c)
{
	return c >= 'a' && c <= 'z' ? 1 << (c - 'a') : OTHER;
}

static inline bool is_word_at(const char *start, const char *p, const char *end)
{
	const struct group *group = &groups[*p - 'a'];

	if (p + 1 == end || !(group->seconds & bit_of(p[1])))
		return false;
	for (const struct bot *bot = group->bots; bot->word; bot++)
		if (bot->word[1] == p[1] && row_matches(bot, start, p, end))
			return true;
	return false;
}

/* Contact addresses, templates, links: signs that no browser uses. */
static bool is_sign_at(const char *start, const char *p, const char *end)
{
	switch (*p) {
	case '<':
	case '{':
		return p == start;
	case '|':
		return true;
	case '@':
		return p + 1 < end && is_word(p[1]);
	case '(':
		return p + 1 < end && p[1] == ')';
	case '.':
		return end - p >= 4 && memcmp(p, ".com", 4) == 0 &&
		       (p + 4 == end || !is_word(p[4]));
	default:
		return false;
	}
}

static bool has_word_or_sign(const char *start, const char *end)
{
	for (const char *p = start; p < end; p++)
		if (*p >= 'a' && *p <= 'z' ? is_word_at(start, p, end) : is_sign_at(start, p, end))
			return true;
	return false;
}

static const char *skip_version(const char *p, const char *end)
{
	if (p < end && *p == 'v')
		p++;
	if (p == end || !ascii_is_digit(*p))
		return NULL;
	while (p < end &&
	       (ascii_is_digit(*p) || (*p == '.' && p + 1 < end && ascii_is_digit(p[1]))))
		p++;
	return p;
}

/* "name", "some name/1.2.3", alone or before a comma. */
static bool is_bare(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && (is_word(*p) || memchr(" .-(?:)%", *p, 8)))
		p++;
	if (p == start)
		return false;
	if (p < end && *p == '/')
		p = skip_version(p + 1, end);
	return p && (p == end || *p == ',');
}

/* "word/anything" without blanks, or one run of 50 characters and more. */
static bool is_single(const char *p, const char *end)
{
	const char *start = p;

	if (memchr(p, ' ', (size_t)(end - p)))
		return false;
	if (end - p >= 50)
		return true;
	while (p < end && is_word(*p))
		p++;
	if (p == start || p == end || *p != '/')
		return false;
	for (p++; p < end && (is_word(*p) || *p == '(' || *p == ')'); p++)
		;
	return p == end;
}

/* "mozilla/5.0 name" and "mozilla/5.0 (compatible)": a browser's name and nothing behind it. */
static bool is_hollow(const char *p, const char *end)
{
	static const char mozilla[] = "mozilla/";
	size_t len = sizeof(mozilla) - 1;

	if ((size_t)(end - p) < len || memcmp(p, mozilla, len) != 0)
		return false;
	p = skip_version(p + len, end);
	if (!p || p == end)
		return p != NULL;
	if (*p++ != ' ')
		return false;
	if (end - p >= 11 && memcmp(p, "(compatible", 11) == 0)
		return end - p <= 13;
	while (p < end && (is_word(*p) || *p == '.' || *p == '-'))
		p++;
	return p == end;
}

static bool starts_with_number(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && ascii_is_digit(*p))
		p++;
	return p > start && (p == end || !is_word(*p));
}

bool bot_is(struct text agent)
{
	char lower[BOT_AGENT_MAX];
	size_t len = agent.len < sizeof(lower) ? agent.len : sizeof(lower);
	const char *end = lower + len;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = agent.data[i];

		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return has_word_or_sign(lower, end) || is_bare(lower, end) || is_single(lower, end) ||
	       is_hollow(lower, end) || starts_with_number(lower, end);
}
