/*
 * directive - lines of a configuration: a word, a name, and a value behind blanks.
 *
 *   requirepass hunter2, ENV API_TOKEN hunter2, git config user.token hunter2
 */
#include "directive.h"

#include "chars.h"
#include "document.h"
#include "marks.h"
#include "quoting.h"
#include "ruleset.h"

#include <string.h>

size_t word_next(const struct record *r, size_t *at, size_t *start)
{
	size_t i = *at;

	while (i < r->n && is_blank(r->s[i]))
		i++;
	*start = i;
	while (i < r->n && !is_space(r->s[i]))
		i++;
	*at = i;
	return i - *start;
}

bool word_folded(const struct record *r, size_t at, const char *word)
{
	size_t len = strlen(word);

	if (r->n - at <= len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (to_lower(r->s[at + i]) != (unsigned char)word[i])
			return false;
	return true;
}

size_t blanks_end(const struct record *r, size_t i)
{
	while (i < r->n && is_blank(r->s[i]))
		i++;
	return i;
}

bool word_taken(struct san_scanner *scanner, struct record *r, size_t i, const char *rule)
{
	size_t end = i;

	if (r->json && string_limit(r, i, i) <= i)
		return false;
	if (i < r->n && is_quote(r->s[i])) {
		end = closing_quote(r, i++);
	} else {
		while (end < r->n && !is_space(r->s[end]) && !is_one_of(r->s[end], ";|&\"'`<>"))
			end++;
	}
	if (end <= i || value_stays(r->s + i, end - i))
		return false;
	piece_add(scanner, r, i, end, SAN_SECRET, rule);
	return true;
}

/* A line of a configuration: `requirepass x`, and `ENV NAME x`, `SetEnv NAME x`. */
bool directive_at(struct san_scanner *scanner, struct record *r, size_t at, bool named)
{
	size_t i = at, before = at, len, name;

	while (before > 0 && is_blank(r->s[before - 1]))
		before--;
	if (before > 0 && r->s[before - 1] != '\n' &&
	    !(named && (r->s[before - 1] == ':' || r->s[before - 1] == '#')))
		return false;
	len = word_next(r, &i, &name);
	if (named) {
		len = word_next(r, &i, &name);
		for (size_t k = name; k < name + len; k++)
			if (!is_alpha(r->s[k]) && r->s[k] != '_')
				return false;
		enum name_kind kind = name_kind(&scanner->rules->tails, r->s + name, len);
		if (kind != NAME_SECRET && kind != NAME_DIGITS && kind != NAME_AUTH)
			return false;
	}
	return word_taken(scanner, r, blanks_end(r, i), "directive");
}

/* `#define API_KEY "x"` */
bool define_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at + strlen("define "), name;

	if (!word_folded(r, at, "define ") || at == 0 || r->s[at - 1] != '#')
		return false;
	(void)word_next(r, &i, &name);
	i = blanks_end(r, i);
	return i < r->n && is_quote(r->s[i]) && directive_at(scanner, r, at, true);
}

/* `aws configure set aws_secret_access_key x`, `git config user.token x`: a name and a value. */
bool config_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at + strlen("config"), name, len;

	if (!word_folded(r, at, "config"))
		return false;
	if (word_folded(r, i, "ure "))
		i += strlen("ure");
	else if (r->s[i] != ' ')
		return false;
	for (int words = 0; words < 4; words++) {
		len = word_next(r, &i, &name);
		for (size_t k = name; k < name + len; k++)
			if (!is_alpha(r->s[k]) &&
			    !(r->s[name] == '-' ? r->s[k] == '-' : is_one_of(r->s[k], "_./:")))
				return false;
		enum name_kind kind = name_kind(&scanner->rules->tails, r->s + name, len);
		if (kind == NAME_SECRET || kind == NAME_DIGITS)
			return is_alpha(r->s[i - 1]) && r->s[name] != '-' &&
			       word_taken(scanner, r, blanks_end(r, i), "directive");
	}
	return false;
}
