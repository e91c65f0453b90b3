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
#include "document.h"
#include "kind.h"
#include "marks.h"
#include "names.h"
#include "quoting.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "validate.h"
#include "value.h"

#include <string.h>

static inline size_t skip_blanks(const struct record *r, size_t i)
{
	for (size_t end = i + 16; i < r->n && is_blank(r->s[i]) && i < end; i++)
		;
	return i;
}

/* Closers of the name: quotes, brackets. Sets p->name_quote and p->closed. */
static size_t read_closers(const struct record *r, struct pair *p, size_t i)
{
	for (size_t end = i + 4; i < r->n && i < end; i++) {
		unsigned char c = r->s[i];
		if (!is_one_of(c, "\"'`[])"))
			break;
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

/* A reference's mark, and how long it lives: `&'static str`. */
static size_t skip_reference(const struct record *r, size_t i)
{
	size_t to = i + 1;

	if (i == r->n || r->s[i] != '&')
		return i;
	if (to < r->n && r->s[to] == '\'')
		for (to++; to < r->n && is_alpha(r->s[to]);)
			to++;
	return skip_blanks(r, to);
}

/* A type between a name and its value: `token string = `, `token: String = `. */
static size_t skip_type(const struct record *r, size_t i)
{
	size_t from = i, to, most;

	if (i < r->n && r->s[i] == ':')
		from = i + 1;
	else if (i == r->n || r->s[i] != ' ')
		return i;
	from = skip_reference(r, skip_blanks(r, from));
	if (from >= r->n || !is_alpha(r->s[from]))
		return i;
	most = r->n - from < 24 ? r->n : from + 24;
	for (to = from; to < most && (is_alnum(r->s[to]) || r->s[to] == '?'); to++)
		;
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
		if (len == 2 && encoded_follows(r, at + 2))
			return 2;
		return len > 1 || (n > 2 && s[1] == '/' && s[2] == '/') ? 0 : 1;
	case '-':
		return n > 1 && s[1] == '>' ? 2 : 0;
	default:
		return n > 1 && s[1] == '=' && is_one_of(s[0], "?|+.") ? 2 : 0;
	}
}

/* `"password";s:5:"x"`, `"pin";i:1234`, as PHP writes them: where the value begins; 0: none. */
static size_t behind_serialized(const struct record *r, size_t at)
{
	const unsigned char *s = r->s + at;
	size_t i = 3;

	if (r->n - at < 5 || s[2] != ':' || (s[1] != 's' && s[1] != 'i'))
		return 0;
	if (s[1] == 'i')
		return at + i;
	while (i < r->n - at && is_digit(s[i]))
		i++;
	return r->n - at - i > 1 && s[i] == ':' && is_quote(s[i + 1]) ? at + i + 1 : 0;
}

/* Reads the separator at i; 0 if there is none. Sets p->sep, p->spaced. */
static size_t read_separator(const struct record *r, struct pair *p, size_t i)
{
	size_t at = i, typed;

	if (at < r->n && r->s[at] != '=') {
		at = skip_blanks(r, i);
		typed = skip_type(r, i);
		at = typed != i ? typed : at;
	}
	if (at >= r->n)
		return 0;
	unsigned char c = r->s[at];
	size_t len = operator_length(r, at);
	p->spaced = at > i;
	p->sep_at = at;
	p->sep = c == ':' && r->s[at + len - 1] == ':' ? ':' : '=';
	if (len)
		return at + len;
	p->sep = c;
	if ((c == ',' && p->name_quote && p->in_call) || (c == '>' && p->before == '<'))
		return at + 1;
	if (c == ';' && p->name_quote && at == p->name_quote_at + 1)
		return behind_serialized(r, at);
	p->sep = ' ';
	p->sep_at = i;
	return p->flag && at > i && c != '-' ? at : 0;
}

/* What stands before the name says how the pair is written. */
static void read_before(const struct record *r, struct pair *p)
{
	size_t i = p->start;

	if (i > 0 && is_quote(r->s[i - 1]))
		i--;
	if (i > 1 && i < p->start && r->s[i - 1] == ' ' && r->s[i - 2] == '(')
		i--;
	p->before = i > 0 && i != r->cursor ? r->s[i - 1] : 0;
	p->in_call = p->before == '(';
	p->flag = i == p->start && i > r->cursor + 1 && r->s[i - 1] == '-' && r->s[i - 2] == '-';
	if (p->start < p->end && r->s[p->start] == '-') {
		p->flag = p->start + 2 < p->end && r->s[p->start + 1] == '-';
		p->before = '-';
	}
}

/* `gdm-password]: x`: a bracket that nothing opened is of what a system's log is tagged with. */
static bool is_tag(const struct record *r, const struct pair *p, size_t i)
{
	if (i != p->end + 1 || r->s[p->end] != ']' || p->before == '[' ||
	    (p->before == ':' && p->start > 1 && r->s[p->start - 2] == '['))
		return false;
	return !memchr(r->s + p->start, '[', p->end - p->start);
}

/* Behind the digits at a name's end, `password2`, `token_1`; 0: the name goes on. */
static size_t behind_digits(const struct record *r, size_t at)
{
	size_t i = at;

	if (r->n - at > 1 && r->s[at] == '_' && is_digit(r->s[at + 1]))
		i++;
	for (size_t end = i + 3; i < r->n && i < end && is_digit(r->s[i]);)
		i++;
	return i < r->n && (is_alpha(r->s[i]) || r->s[i] == '_' || r->s[i] == '-') ? 0 : i;
}

/*
 * `at` is the first byte behind a name's last letter. ahead: found by what leads to the
 * name. A '=' or ':' behind it will be seen itself; what stands in the name comes first.
 */
static bool pair_at(struct san_scanner *scanner, struct record *r, size_t at, bool ahead)
{
	size_t i = at, start = name_start(r, at);

	if (start == at)
		return false;
	if (at < r->n && char_kinds[r->s[at]] & CHAR_WORD)
		i = behind_digits(r, at);
	if (i == 0)
		return false;
	struct pair p = {.start = start, .end = i};
	p.kind = kind_at(scanner, r, &start, i);
	if (p.kind == NAME_VALUE)
		p.kind = kind_of_value(scanner, r, start, i);
	if (p.kind == NAME_PLAIN)
		return false;
	read_before(r, &p);
	p.start = start;
	if (i < r->n && r->s[i] != '=' && r->s[i] != ':') {
		i = read_closers(r, &p, i);
		if (is_tag(r, &p, i))
			return false;
	}
	if (p.kind == NAME_PHONE)
		return phone_value(scanner, r, &p, i);
	i = read_separator(r, &p, i);
	if (i == 0 || scanner->rules->options.action[SAN_SECRET] == SAN_KEEP ||
	    (ahead && (p.sep == '=' || p.sep == ':')))
		return false;
	/* https://token:secret@host: the userinfo of a URL has its own detector. */
	if (p.sep == ':' && !p.spaced && !p.name_quote &&
	    ((p.start >= 3 && !memcmp(r->s + p.start - 3, "://", 3)) ||
	     value_is_key(scanner->rules, r, &p, i)))
		return false;
	if (p.kind == NAME_CODE &&
	    !(p.sep == '=' && at - p.start == strlen("code") && login_path(r, p.start)))
		return false;
	return secret_value(scanner, r, &p, i);
}

static bool tail_before(const struct san_rules *rules, const struct record *r, size_t end)
{
	return end > 0 && name_may_end(&rules->tails, r->s, end);
}

/* Closing quotes and brackets, then digits, back from i. */
static size_t back_over_closers(const struct record *r, size_t i)
{
	if (i > 0 && is_alpha(r->s[i - 1])) /* most */
		return i;
	for (size_t n = 0; i > 0 && n < 4 && is_one_of(r->s[i - 1], "\"'`[])."); n++)
		i--;
	size_t digits = i;
	while (i > 0 && digits - i < 3 && is_digit(r->s[i - 1]))
		i--;
	return i - (i > 0 && i < digits && r->s[i - 1] == '_');
}

/* Back over what may stand between a name and its separator; 0: no name ends there. */
static size_t back_to_name(const struct san_rules *rules, const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t i = at, blanks, word;

	if (at > 0 && is_alpha(s[at - 1])) /* nothing, as with most */
		return tail_before(rules, r, at) ? at : 0;
	for (size_t n = 0; s[at] == '=' && i > 0 && n < 3 && is_one_of(s[i - 1], ":?|+."); n++)
		i--;
	for (blanks = i; i > 0 && blanks - i < 16 && is_blank(s[i - 1]); i--)
		;
	word = i;
	i = back_over_closers(r, i);
	if (tail_before(rules, r, i))
		return i;
	if (word == blanks || s[at] != '=')
		return 0;
	/* `name type =` */
	for (i = word; i > 0 && word - i < 24 && (is_alnum(s[i - 1]) || s[i - 1] == '?'); i--)
		;
	i -= i > 0 && s[i - 1] == '&';
	if (i == word || i < 3 || s[i - 1] != ' ')
		return 0;
	i = back_over_closers(r, i - 1);
	return tail_before(rules, r, i) ? i : 0;
}

/*
 * Forward over a name that begins at `at`. One that holds a key of its own is none: that
 * has to go first. At a '=' or ':' behind it, it will be looked at anyhow; an option in front
 * of another has no value.
 */
static size_t forward_to_end(const struct san_rules *rules, const struct record *r, size_t at)
{
	size_t i = at, most = r->n - at < NAME_MAX_BYTES ? r->n : at + NAME_MAX_BYTES;

	while (i < most && name_byte(r->s[i]))
		i++;
	if (i == at || i == r->n || r->s[i] == '=' || r->s[i] == ':' ||
	    (r->s[i] == ' ' && i + 1 < r->n && r->s[i + 1] == '-'))
		return 0;
	i = back_over_closers(r, i);
	return i > at && !is_digit(r->s[at]) && tail_before(rules, r, i) &&
		       !credential_like(r->s + at, i - at)
		   ? i
		   : 0;
}

/* `setPassword("x1")`, `WithToken('x1')`: nothing but one string, with a digit. */
static bool setter_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t start = name_start(r, at), close;
	bool digit = false;

	if (at - start < 6 || !tail_before(scanner->rules, r, at) ||
	    scanner->rules->options.action[SAN_SECRET] == SAN_KEEP)
		return false;
	for (size_t i = start; i < at; i++)
		start = r->s[i] == '.' ? i + 1 : start;
	if (at - start < 6 ||
	    (memcmp(r->s + start + 1, "et", 2) != 0 && memcmp(r->s + start + 1, "ith", 3) != 0) ||
	    !is_one_of(r->s[start] | 32, "sw"))
		return false;
	enum name_kind kind = kind_recall(scanner, r->s + start, at - start);
	if (kind != NAME_SECRET && kind != NAME_DIGITS)
		return false;
	close = closing_quote(r, at + 1);
	for (size_t i = at + 2; i < close; i++)
		digit |= is_digit(r->s[i]);
	if (!digit || close + 1 >= r->n || r->s[close + 1] != ')')
		return false;
	piece_add(scanner, r, at + 2, close, SAN_SECRET, "name");
	return true;
}

/* The end of the name that `at` may separate from its value, or lead to; 0: there is none. */
static size_t name_end_at(const struct san_rules *rules, const struct record *r, size_t at)
{
	unsigned char next = at + 1 < r->n ? r->s[at + 1] : 0;
	size_t end;

	switch (r->s[at]) {
	case 'd': /* define( 'name', … */
		return word_begins(r, at) && r->n - at > 9 && !memcmp(r->s + at, "define( ", 8) &&
				       is_quote(r->s[at + 8])
			   ? forward_to_end(rules, r, at + 9)
			   : 0;
	case ' ': /* a telephone's number */
		if (next != '(' && !(is_digit(next) && ((at > 0 && r->s[at - 1] == '.') ||
							(at + 2 < r->n && is_digit(r->s[at + 2])))))
			return 0;
		return back_to_name(rules, r, at);
	case ':': /* between digits: a time or a ratio */
		if (is_digit(next) && at > 0 && is_digit(r->s[at - 1]))
			return 0;
		if (at > 3 && r->s[at - 2] == ';' && is_quote(r->s[at - 3]) &&
		    (r->s[at - 1] == 's' || r->s[at - 1] == 'i')) {
			end = back_over_closers(r, at - 2);
			return tail_before(rules, r, end) ? end : 0;
		}
		return back_to_name(rules, r, at);
	case '=':
		return back_to_name(rules, r, at);
	case '(':
		return is_quote(next) ? forward_to_end(rules, r, at + 2) : 0;
	case '<':
		return forward_to_end(rules, r, at + 1);
	case '-':
		return next == '>'   ? back_to_name(rules, r, at)
		       : next == '-' ? forward_to_end(rules, r, at + 2)
				     : 0;
	default:
		return 0;
	}
}

/*
 * Does a '=' stand before what begins no value, whatever the name? `name=&`, `name=<`, but not
 * `name=<q1w2e3r4t5y6>`. Nor has it a second sign.
 */
static bool no_value_behind(const struct record *r, size_t at)
{
	size_t i = at + 1;

	if (i + 1 >= r->n || !is_one_of(r->s[i], "&;<") || deep(r, i, at))
		return false;
	if (r->s[i] != '<')
		return true;
	for (i++; i < r->n && i - at <= ANGLED_MIN + 1; i++)
		if (!(char_kinds[r->s[i]] & CHAR_TOKEN))
			return true;
	return false;
}

/* `at` is a '=' or ':'. */
static bool separator_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	const struct san_rules *rules = scanner->rules;
	size_t end;

	if (at == r->name_failed)
		return false;
	if (at > 1 && is_alpha(r->s[at - 1]) && r->s[at - 2] != ';') /* most */
		end = name_may_end(&rules->tails, r->s, at) ? at : 0;
	else
		end = name_end_at(rules, r, at);
	if (!end || end < r->cursor || end == r->name_failed)
		return false;
	r->name_failed = end; /* unless something is accepted */
	if (end == at && r->s[at] == '=' && no_value_behind(r, at))
		return false;
	return pair_at(scanner, r, end, false);
}

/* `<a><b>`, whose first tag's name ends at `end`: what may stand in the others is asked there. */
static bool holds_elements(const struct record *r, size_t end)
{
	return r->n - end > 1 && r->s[end] == '>' && r->s[end + 1] == '<' && is_alpha(r->s[end - 1]);
}

/* `at` leads to a name. */
static bool ahead_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	unsigned char c = r->s[at];
	size_t end;

	if (c == '<' && element_text_at(scanner, r, at, &end))
		return true;
	if (c == '<' && holds_elements(r, end))
		return false;
	if (c == '(' && at + 1 < r->n && is_quote(r->s[at + 1]) && setter_at(scanner, r, at))
		return true;
	end = name_end_at(scanner->rules, r, at);
	if (!end || end < r->cursor || end == r->name_failed)
		return false;
	r->name_failed = 0;
	return pair_at(scanner, r, end, true);
}

bool name_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	unsigned char c = r->s[at];

	return c == '=' || c == ':' ? separator_at(scanner, r, at) : ahead_at(scanner, r, at);
}
