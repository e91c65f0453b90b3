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
#include "redact.h"
#include "ruleset.h"
#include "word.h"

#include <string.h>

size_t word_next(const struct record *r, size_t *at, size_t *start)
{
	size_t i = blanks_end(r, *at);

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

bool word_taken(struct san_scanner *scanner, struct record *r, size_t i, const char *rule)
{
	size_t end = i;

	if (r->json && string_limit(r, i, i) <= i)
		return false;
	if (i < r->n && is_quote(r->s[i])) {
		end = string_end(r, i++);
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
		if (!name_is_secret(kind))
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
			       !word_folded(r, blanks_end(r, i), "--") &&
			       word_taken(scanner, r, blanks_end(r, i), "directive");
	}
	return false;
}

/* No word of prose, nor a method of openssl's, `-pass file:x`, nor what was cleaned already. */
static bool flag_value(const struct record *r, size_t i)
{
	bool digit = false, letter = false;
	size_t end = i;

	if (i < r->n && is_quote(r->s[i]))
		return true;
	for (; end < r->n && !is_space(r->s[end]); end++) {
		if ((r->s[end] == ':' && !digit) || placeholder_at(r, end))
			return false;
		digit |= is_digit(r->s[end]);
		letter |= is_alpha(r->s[end]);
	}
	return digit && letter && end - i >= 6 && !is_one_of(r->s[i], "-$<");
}

/* `tool -password hunter2`, as programs in Go and Java take it; `-pass 2` is none. */
bool flag_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t name = at + 2, i = name;

	if (r->n - at < 8 || r->s[at + 1] != '-' || r->s[name] != 'p')
		return false;
	while (i < r->n && i - name < 32 && (is_alpha(r->s[i]) || r->s[i] == '-'))
		i++;
	if (i - name < strlen("pass") || i == r->n || !is_blank(r->s[i]) ||
	    !name_is_secret(name_kind(&scanner->rules->tails, r->s + name, i - name)))
		return false;
	i = blanks_end(r, i);
	return flag_value(r, i) && word_taken(scanner, r, i, "option");
}

/* Behind the words of Apache's `Header always set`, whose first ends at i; 0: it sets nothing. */
static size_t behind_verb(const struct record *r, size_t i)
{
	static const struct words conditions = {{[6] = "always ", [9] = "onsuccess "}},
				  verbs = {{[3] = "add set ",
					    [5] = "merge ",
					    [6] = "append ",
					    [10] = "setifempty "}};
	size_t word, len = word_next(r, &i, &word);

	if (is_word(&conditions, r->s + word, len))
		len = word_next(r, &i, &word);
	return is_word(&verbs, r->s + word, len) ? i : 0;
}

/*
 * Behind a web server's directive that gives a header or parameter its value, of which a word
 * begins at `at`; 0: it is none. *mark: nginx's, which a semicolon ends.
 */
static size_t behind_directive(const struct record *r, size_t at, bool *mark)
{
	const unsigned char *before = r->s + at;

	*mark = at > 3 && before[-1] == '_';
	if (word_folded(r, at, "requestheader "))
		return behind_verb(r, at + strlen("requestheader "));
	if (r->s[at] == 'H' && word_folded(r, at, "header "))
		return behind_verb(r, at + strlen("header "));
	if (r->s[at] == 'p')
		return *mark && !memcmp(before - 3, "gi", 2) && word_folded(r, at, "param ")
			   ? at + strlen("param ")
			   : 0;
	if (at > 3 && (before[-1] == '_' || before[-1] == '-') && word_folded(r, at, "header "))
		return !memcmp(before - 4, "set", 3) || !memcmp(before - 4, "add", 3)
			   ? at + strlen("header ")
			   : 0;
	return word_folded(r, at, "header_up ") ? at + strlen("header_up ") : 0;
}

/* Does the directive end behind its value, which ends at i, or go on with a condition? */
static bool ends_directive(const struct record *r, size_t i, bool mark)
{
	static const struct words more = {{[2] = "if ", [5] = "early ", [6] = "always unless "}};
	size_t word, len;

	if (i < r->n && r->s[i] == ';')
		return true;
	if (i < r->n && !is_space(r->s[i]) && !is_quote(r->s[i]))
		return false;
	len = word_next(r, &i, &word);
	if (len > 1 && r->s[i - 1] == ';')
		len--;
	return is_word(&more, r->s + word, len) || (!mark && len == 0);
}

/* What a server puts there: `$http_authorization`, `%[hdr(x)]`, `{env.TOKEN}`. */
static bool is_variable(const unsigned char *s, size_t n)
{
	return n > 1 && ((s[0] == '$' && (is_alpha(s[1]) || s[1] == '_')) || s[0] == '{' ||
			 (s[0] == '%' && is_one_of(s[1], "[{")));
}

bool header_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	bool mark, list, quoted;
	size_t name = behind_directive(r, at, &mark), end, i;

	if (!name)
		return false;
	name = blanks_end(r, name);
	name += name < r->n && is_quote(r->s[name]);
	for (end = name; end < r->n && end - name < 64 && name_byte(r->s[end]); end++)
		;
	i = blanks_end(r, end + (end < r->n && is_quote(r->s[end])));
	if (end == name || i == end || i >= r->n || (r->json && string_limit(r, i, i) <= i))
		return false;
	struct pair p = {.kind = name_kind(&scanner->rules->tails, r->s + name, end - name)};
	if (!name_is_secret(p.kind))
		return false;
	quoted = is_quote(r->s[i]);
	end = quoted ? closing_quote(r, i++) : i;
	while (!quoted && end < r->n && !is_space(r->s[end]) && !is_one_of(r->s[end], ";\"'`"))
		end++;
	if (!quoted && !ends_directive(r, end, mark))
		return false;
	i += p.kind == NAME_AUTH ? scheme_of(&p, r->s + i, end - i, &list) : 0;
	if (value_stays(r->s + i, end - i) || is_variable(r->s + i, end - i))
		return false;
	piece_add(scanner, r, i, end, SAN_SECRET, "directive");
	return true;
}
