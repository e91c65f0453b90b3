/*
 * version - names that are of a package, an image, an event or a style: what they lead to is no
 * secret.
 *
 *   "next-auth": "^4.24.5", PyJWT==2.8.0, acme/auth:1.4.2, token:write, .token:hover
 */
#include "marks.h"
#include "value.h"
#include "word.h"

#include <string.h>

#define VERSION_MAX 64

/* Behind its numbers: `-beta.2`, `rc1`, `.dev0`, `-SNAPSHOT`. */
static size_t release_end(const unsigned char *s, size_t n, size_t i)
{
	size_t from = i, letters;

	i += i < n && is_one_of(s[i], "-.");
	for (letters = i; i < n && is_alpha(s[i]); i++)
		;
	if (i == letters || i - letters > 12)
		return from;
	i += i + 1 < n && is_one_of(s[i], "-.") && is_digit(s[i + 1]);
	for (letters = i; i < n && i - letters < 4 && is_digit(s[i]); i++)
		;
	return i;
}

/*
 * The end of the version at i, with what it is compared by: `^4.24.5`, `>= 2`, `6.x`. Without
 * that it has `least` numbers, and four are an address. i: it is none.
 */
static size_t version_end(const unsigned char *s, size_t n, size_t i, unsigned least)
{
	size_t from = i, digits;
	unsigned numbers = 0;
	bool told;

	while (i < n && i - from < 2 && is_one_of(s[i], "^~<>=!"))
		i++;
	told = i > from;
	while (told && i < n && s[i] == ' ')
		i++;
	told |= i + 1 < n && s[i] == 'v' && is_digit(s[i + 1]) && least == 1;
	i += i < n && s[i] == 'v';
	do {
		i += numbers > 0;
		for (digits = i; i < n && i - digits < 4 && is_digit(s[i]); i++)
			;
		if (i == digits && (numbers == 0 || i == n || !is_one_of(s[i], "x*")))
			return from;
		told |= i == digits;
		i += i == digits;
		numbers++;
	} while (i + 1 < n && s[i] == '.' && (is_digit(s[i + 1]) || is_one_of(s[i + 1], "x*")));
	if (!told && (numbers < least || numbers > 3 || numbers == 1))
		return from;
	return release_end(s, n, i);
}

/* One, or several as ranges are written: `^7 || ^8`, `>=1.2, <2`. */
static bool is_version(const unsigned char *s, size_t n, unsigned least)
{
	size_t i = 0, end;

	if (n < 2 || n > VERSION_MAX)
		return false;
	do {
		end = version_end(s, n, i, least);
		if (end == i)
			return false;
		for (i = end; i < n && is_one_of(s[i], " |,"); i++)
			;
	} while (i < n && i > end);
	return i == n;
}

/* `.token:hover`: a selector of style. No more than a word is looked at. */
static const struct words states = {{[3] = "has not ",
				     [4] = "link ",
				     [5] = "after empty focus hover valid where ",
				     [6] = "active before marker target ",
				     [7] = "checked invalid visited ",
				     [9] = "nth-child read-only selection ",
				     [10] = "first-line last-child only-child ",
				     [11] = "first-child nth-of-type placeholder ",
				     [12] = "first-letter focus-within last-of-type ",
				     [13] = "first-of-type focus-visible indeterminate ",
				     [14] = "nth-last-child ",
				     [17] = "placeholder-shown "}};

/* `token:write`, `session:start`, `auth:error`: what was done or may be, or how bad it is. */
static const struct words acts = {
    {[3] = "add end get set ",
     [4] = "drop edit fail info init list load lock open read save send show stop warn ",
     [5] = "begin check clear close count debug error fetch issue login purge query ready "
	   "renew reset retry start store table trace write ",
     [6] = "cancel change commit create delete denied enable expire export failed import locked "
	   "logout notice opened reload remove resume revoke rotate signin signup status "
	   "submit unlock update verify ",
     [7] = "changed cleared created deleted destroy disable expired failure install "
	   "missing refresh release renewed request restore revoked started stopped success "
	   "timeout updated upgrade warning ",
     [8] = "complete critical generate register rejected rollback validate verified ",
     [9] = "completed confirmed destroyed generated refreshed ",
     [12] = "authenticate "}};

/* Of passwords only what is done with them; `PASS:start` is one. */
static const struct words acts_on_passwords = {{[5] = "reset ",
						[6] = "change forgot update ",
						[7] = "changed expired updated ",
						[9] = "chauthtok "}};

/* `acme/auth:1.4.2` */
static bool is_image(const struct pair *p)
{
	return p->before == '/' && p->sep == ':' && !p->spaced;
}

/* `com.auth0:java-jwt:4.4.0`: behind the names that stand between the group's and the version. */
static size_t behind_artifact(const unsigned char *s, struct bounds v)
{
	size_t i = v.start, from = i;

	if (!memrchr(s + v.start, ':', v.end - v.start)) /* most */
		return from;
	for (; i < v.end && i - v.start < 128 && (char_kinds[s[i]] & CHAR_PATH || s[i] == '-'); i++)
		if (s[i] == ':')
			from = i + 1;
	return i == v.end && is_alpha(s[v.start]) ? from : v.start;
}

bool value_is_version(const struct record *r, const struct pair *p, struct bounds v, bool quoted)
{
	bool pinned = r->s[p->sep_at] == '=' && v.start > p->sep_at + 1 && r->s[v.start - 1] == '=';
	unsigned least = quoted && !p->name_quote ? 2 : 3;

	if (p->kind == NAME_DIGITS || (!quoted && p->name_quote)) /* a number of JSON */
		return false;
	if (p->sep == ':' && !p->spaced && !quoted)
		v.start = behind_artifact(r->s, v);
	return is_version(r->s + v.start, v.end - v.start, is_image(p) ? 1 : pinned ? 2 : least);
}

bool value_is_act(const struct pair *p, const unsigned char *s, size_t n)
{
	size_t i = 0;

	if (p->sep != ':' || p->spaced || p->name_quote)
		return false;
	while (i < n && i < WORD_LENGTHS && (is_lower(s[i]) || s[i] == '-'))
		i++;
	if (i == 0 || (i < n && !is_one_of(s[i], " :.,(){}[]>+~")))
		return false;
	if (is_word(&states, s, i))
		return true;
	if (i < n && s[i] == ':') /* the act's object would be next */
		return false;
	if (p->kind == NAME_DIGITS)
		return is_word(&acts_on_passwords, s, i);
	return is_image(p) || is_word(&acts, s, i);
}
