/*
 * pair - a secret's or phone's name, a separator, and the value that goes.
 *
 * One reader for all the ways in which names and values are written: URL
 * parameters, logfmt, headers, cookies, environment, YAML, JSON, code
 * (`var x string = "..."`, `:=`, `=>`, `f("name", "value")`), XML, command lines.
 * What the value may contain depends on how the pair is written (struct pair).
 */
#include "engine.h"

#include "chars.h"
#include "detector.h"
#include "names.h"
#include "ruleset.h"
#include "value.h"

#include <string.h>

#define NAME_MAX_BYTES 64

static size_t skip_blanks(const struct record *r, size_t i)
{
	for (size_t end = i + 16; i < r->n && i < end && is_blank(r->s[i]); i++)
		;
	return i;
}

static bool name_byte(unsigned char c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
}

static size_t name_start(const struct record *r, size_t end)
{
	size_t i = end, least = end > NAME_MAX_BYTES ? end - NAME_MAX_BYTES : 0;

	while (i > least && name_byte(r->s[i - 1]))
		i--;
	return i;
}

/* "api key", "Session ID": a blank may split the last two words. */
static enum name_kind kind_of(const struct san_rules *rules, const struct record *r, size_t *start,
			      size_t end)
{
	const unsigned char *s = r->s;
	enum name_kind kind = name_kind(s + *start, end - *start);

	if (name_listed(rules->innocent, s + *start, end - *start))
		return NAME_PLAIN;
	if (name_listed(rules->secret, s + *start, end - *start))
		return NAME_SECRET;
	if (*start >= 3 && s[*start - 1] == ' ' && is_alpha(s[*start - 2])) {
		size_t wider = name_start(r, *start - 1);
		enum name_kind two = name_kind(s + wider, end - wider);
		if (two != kind && (kind == NAME_PLAIN || kind == NAME_KEY || kind == NAME_CODE)) {
			*start = wider;
			return two;
		}
	}
	return kind;
}

/* Closers of the name: quotes, brackets. Sets p->name_quote and p->closed. */
static size_t read_closers(const struct record *r, struct pair *p, size_t i)
{
	for (size_t end = i + 4; i < r->n && i < end; i++) {
		unsigned char c = r->s[i];
		if (is_quote(c) && !p->name_quote) {
			p->name_quote = c;
			p->name_quote_at = i;
		} else if (c == '[' && i + 1 < r->n && r->s[i + 1] == ']') {
			i++;
		} else if (c != ']' && !(c == ')' && p->name_quote)) {
			break;
		}
	}
	return i;
}

/* A type between a name and its value: `token string = `, `token: String = `. */
static size_t skip_type(const struct record *r, size_t i)
{
	size_t from = i, to;

	if (i < r->n && r->s[i] == ':')
		from = i + 1;
	else if (i == r->n || r->s[i] != ' ')
		return i;
	from = skip_blanks(r, from);
	for (to = from; to < r->n && to - from < 24 && (is_alnum(r->s[to]) || r->s[to] == '?');
	     to++)
		;
	if (to == from || !is_alpha(r->s[from]))
		return i;
	size_t sep = skip_blanks(r, to);
	if (sep + 1 < r->n && r->s[sep] == '=' && r->s[sep + 1] != '=' && sep > to)
		return sep;
	return i;
}

/* Length of the sign of assignment at `at`, of any language: = => === := ::= ?= += .= -> : */
static size_t operator_length(const struct record *r, size_t at)
{
	const unsigned char *s = r->s + at;
	size_t n = r->n - at, len = 1;

	switch (s[0]) {
	case '=':
		while (len < 3 && len < n && s[len] == '=')
			len++;
		return len == 1 && n > 1 && s[1] == '>' ? 2 : len;
	case ':':
		while (len < 4 && len < n && s[len] == ':')
			len++;
		if (len < n && s[len] == '=')
			return len + 1;
		return len > 1 || (n > 2 && s[1] == '/' && s[2] == '/') ? 0 : 1;
	case '-':
		return n > 1 && s[1] == '>' ? 2 : 0;
	default:
		return n > 1 && s[1] == '=' && s[0] && strchr("?|+.", s[0]) ? 2 : 0;
	}
}

/* Reads the separator at i; 0 if there is none. Sets p->sep, p->spaced. */
static size_t read_separator(const struct record *r, struct pair *p, size_t i)
{
	size_t at = skip_blanks(r, i);
	size_t typed = skip_type(r, i);

	if (typed != i)
		at = typed;
	if (at >= r->n)
		return 0;
	unsigned char c = r->s[at];
	size_t len = operator_length(r, at);
	p->spaced = at > i;
	p->sep_at = at;
	p->sep = c == ':' && len == 1 ? ':' : '=';
	if (len)
		return at + len;
	p->sep = c;
	if ((c == ',' && p->name_quote && p->in_call) || (c == '>' && p->before == '<'))
		return at + 1;
	p->sep = ' ';
	return p->flag && at > i && c != '-' ? at : 0;
}

/* What stands before the name says how the pair is written. */
static void read_before(const struct record *r, struct pair *p)
{
	size_t i = p->start;

	if (i > 0 && is_quote(r->s[i - 1]))
		i--;
	p->before = i > 0 ? r->s[i - 1] : 0;
	p->in_call = p->before == '(';
	p->flag = i == p->start && i > 1 && r->s[i - 1] == '-' && r->s[i - 2] == '-';
	if (p->start < p->end && r->s[p->start] == '-') {
		p->flag = p->start + 2 < p->end && r->s[p->start + 1] == '-';
		p->before = '-';
	}
}

/* Only on the path of a login, and alone, does `code` name a secret: country_code never. */
static bool login_path(const struct record *r, size_t start)
{
	static const char *const parts[] = {"oauth", "oauth2", "callback", "cb",     "auth",
					    "login", "oidc",   "sso",	   "signin", "redirect"};
	size_t least = start > 2048 ? start - 2048 : 0, i = start, query = start;

	while (i > least && !is_space(r->s[i - 1]) && r->s[i - 1] != '"' && r->s[i - 1] != '\'') {
		i--;
		if (r->s[i] == '?' || r->s[i] == '#')
			query = i;
	}
	for (size_t from = i; from < query; from++) {
		if (r->s[from] != '/')
			continue;
		size_t to = from + 1;
		while (to < query && is_alnum(r->s[to]))
			to++;
		for (size_t k = 0; k < sizeof(parts) / sizeof(*parts); k++)
			if (to - from - 1 == strlen(parts[k]) &&
			    !memcmp(r->s + from + 1, parts[k], to - from - 1))
				return true;
	}
	return false;
}

bool pair_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	struct pair p = {.end = at};
	size_t i = at;

	while (i < r->n && i < at + 3 && is_digit(r->s[i]))
		i++;
	if (i < r->n && (is_alpha(r->s[i]) || r->s[i] == '_' || r->s[i] == '-'))
		return false;
	p.end = i;
	p.start = name_start(r, at);
	read_before(r, &p);
	p.kind = kind_of(scanner->rules, r, &p.start, p.end);
	if (p.kind == NAME_PLAIN)
		return false;
	i = read_closers(r, &p, i);
	if (p.kind == NAME_PHONE)
		return phone_value(scanner, r, &p, i);
	i = read_separator(r, &p, i);
	if (i == 0 || scanner->rules->options.action[SAN_SECRET] == SAN_KEEP)
		return false;
	if (p.kind == NAME_CODE &&
	    !(p.sep == '=' && at - p.start == strlen("code") && login_path(r, p.start)))
		return false;
	return secret_value(scanner, r, &p, i);
}
