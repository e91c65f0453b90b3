/*
 * scheme - the word in front of credentials: `Authorization: Bearer x`.
 */
#include "marks.h"
#include "redact.h"
#include "value.h"
#include "word.h"

/* `jwt: token is expired`: what would be credentials is a verb. */
static bool is_said(const unsigned char *s, size_t n)
{
	static const struct words verbs = {
	    {[2] = "is ", [3] = "can has may not was ", [4] = "must ", [6] = "cannot should "}};
	size_t i = 0;

	while (i < n && is_alpha(s[i]))
		i++;
	return i + 1 < n && s[i] == ' ' && is_alpha(s[i + 1]) && is_word(&verbs, s, i);
}

/* Length of "Bearer " and the like at s, the blanks behind included; 0 if none. */
static size_t scheme_length(const unsigned char *s, size_t n, bool *list)
{
	static const struct words single = {{[4] = "dpop ntlm ",
					     [5] = "basic token ",
					     [6] = "apikey bearer ",
					     [9] = "negotiate "}};
	static const struct words lists = {{[4] = "hawk ",
					    [5] = "oauth vapid ",
					    [6] = "digest ",
					    [9] = "signature ",
					    [16] = "aws4-hmac-sha256 "}};
	size_t i = 0, to;

	if (n == 0 || !is_one_of(s[0], "aAbBdDhHnNoOsStTvV")) /* the first bytes of these */
		return 0;
	while (i < n && i < 20 && (is_alnum(s[i]) || s[i] == '-'))
		i++;
	if (i < 4)
		return 0;
	for (to = i; to < n && is_blank(s[to]); to++)
		;
	if (to == i || to == n || is_said(s + to, n - to))
		return 0;
	*list = is_word(&lists, s, i);
	return *list || is_word(&single, s, i) ? to : 0;
}

/*
 * `Authorization: SSWS x`, `Api-Token x`: any word, where what follows it can be no word, or was
 * redacted.
 */
static size_t any_scheme_length(const struct pair *p, const unsigned char *s, size_t n)
{
	bool digit = false, letter = false;
	size_t i = 0, from;

	if (p->kind != NAME_AUTH)
		return 0;
	while (i < n && i < 24 && (is_alpha(s[i]) || s[i] == '-'))
		i++;
	if (i < 2 || i == n || s[i] != ' ')
		return 0;
	size_t cleaned = i + 1 + (i + 1 < n && is_quote(s[i + 1]));
	if (placeholder_length(s + cleaned, n - cleaned) > 0)
		return i + 1;
	for (from = ++i; i < n && (is_alnum(s[i]) || is_one_of(s[i], "_-.+/=~")); i++) {
		digit |= is_digit(s[i]);
		letter |= is_alpha(s[i]);
	}
	return digit && letter && i - from >= 12 ? from : 0;
}

size_t scheme_of(const struct pair *p, const unsigned char *s, size_t n, bool *list)
{
	size_t len = scheme_length(s, n, list);

	return len ? len : any_scheme_length(p, s, n);
}
