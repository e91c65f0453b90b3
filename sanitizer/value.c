/*
 * value - quoted, bare and nested values.
 *
 * Where a value ends depends on its separator's level: a delimiter that was
 * encoded deeper belongs to the value. A quote that never closes takes the rest
 * of the record: truncated input fails closed.
 */
#include "value.h"

#include "chars.h"
#include "detector.h"
#include "document.h"
#include "marks.h"
#include "quoting.h"
#include "redact.h"
#include "ruleset.h"
#include "validate.h"
#include "word.h"

#include <string.h>

/* A bare value that becomes a string of JSON. */
static void value_add_quoted(struct san_scanner *scanner, struct record *r, const struct pair *p,
			     struct bounds v)
{
	piece_add(scanner, r, v.start, v.end, SAN_SECRET, "name");
	if (!scanner->n_pieces)
		return;
	struct piece *last = &scanner->pieces[scanner->n_pieces - 1];
	last->quote_start = raw_offset(r, p->name_quote_at);
	last->quote_len = (uint8_t)(raw_offset(r, p->name_quote_at + 1) - last->quote_start);
}

/*
 * Does the last mark before s[to] that says so begin a segment of a path? Each byte is read
 * once, values never: they will be gone.
 */
static void matrix_read(struct record *r, size_t to)
{
	size_t least = to > 1024 ? to - 1024 : 0, i = to;

	for (; i > least && i > r->matrix_seen; i--) {
		if (i == r->cursor && r->taken < i && r->taken > least)
			i = r->taken;
		unsigned char c = r->s[i - 1];
		if (c == '/' || c == '?' || is_space(c) || c == '"') {
			r->matrix = c == '/';
			break;
		}
	}
	r->matrix &= i > least;
	r->matrix_seen = to;
}

/* `;name=` before any `?` of its URL ends with the path's segment. */
static bool is_matrix(struct record *r, const struct pair *p)
{
	if (p->before != ';')
		return false;
	if (p->start > r->matrix_seen)
		matrix_read(r, p->start - 1);
	return r->matrix;
}

void value_add(struct san_scanner *scanner, struct record *r, const struct pair *p, struct bounds v,
	       bool bare)
{
	if (is_one_of(p->before, "?&;")) {
		matrix_read(r, v.start);
		r->matrix_seen = v.end;
	}
	if (bare && p->name_quote && p->sep == ':')
		value_add_quoted(scanner, r, p, v);
	else
		piece_add(scanner, r, v.start, v.end, SAN_SECRET, "name");
}

/* "."@example.org is no mask, but would be an address. */
static bool quoted_stays(const struct record *r, struct bounds v)
{
	const unsigned char *s = r->s + v.start;
	size_t n = v.end - v.start;

	return value_stays(s, n) &&
	       (n == 0 || r->n - v.end < 2 || s[n + 1] != '@' || only_placeholders(s, n));
}

static bool quoted_value(struct san_scanner *scanner, struct record *r, const struct pair *p,
			 size_t open)
{
	struct bounds v = {open + 1, string_end(r, open)};
	bool list;

	r->quote_used = v.end;
	if (v.end == r->n && scanner->carry.goes_on) {
		scanner->carry.quote = r->s[open];
		scanner->carry.level = r->level ? r->level[open] : 0;
	}
	if (p->kind == NAME_AUTH)
		v.start += scheme_of(p, r->s + v.start, v.end - v.start, &list);
	if (quoted_stays(r, v) || value_is_label(r, p, v) || value_is_version(r, p, v, true))
		return false;
	if (p->kind == NAME_KEY && !credential_like(r->s + v.start, v.end - v.start))
		return false;
	value_add(scanner, r, p, v, false);
	while (p->spaced && (open = joined_quote(r, open, v.end)) > 0) {
		v = (struct bounds){open + 1, closing_quote(r, open)};
		if (!quoted_stays(r, v))
			value_add(scanner, r, p, v, false);
	}
	return true;
}

static bool in_url(const struct record *r, const struct pair *p, size_t at)
{
	if (p->sep != '=' || p->spaced || p->name_quote || (at < r->n && is_blank(r->s[at])))
		return false;
	return is_one_of(p->before, "?&;#/") || (r->mode == SAN_URL);
}

/* `token= name=x`: the first value is empty, also where a placeholder stands for the name. */
static bool is_pair(const struct record *r, size_t i)
{
	size_t from = i, placeholder = 0;

	while (i < r->n && (char_kinds[r->s[i]] & CHAR_WORD ||
			    (placeholder = placeholder_length(r->s + i, r->n - i)) > 0)) {
		i += placeholder ? placeholder : 1;
		placeholder = 0;
	}
	return i > from && i + 1 < r->n && r->s[i] == '=' && r->s[i + 1] != '=' &&
	       !is_space(r->s[i + 1]);
}

/* Bytes at which a bare value may end. */
static const bool bare_ends[256] = {
    [' '] = true, ['\t' ... '\r'] = true, ['"'] = true, ['`'] = true, ['<'] = true, ['>'] = true,
    ['&'] = true, [';'] = true,		 ['\''] = true, [','] = true, ['#'] = true, ['/'] = true,
    ['?'] = true, ['}'] = true,		 [']'] = true,	['|'] = true};

static bool end_of_bare(struct record *r, const struct pair *p, size_t i, bool url)
{
	unsigned char c = r->s[i];

	if (deep(r, i, p->sep_at))
		return false;
	if (p->sep == '>')
		return c == '<';
	switch (c) {
	case '"':
	case '`':
	case '<':
	case '>':
	case '&':
	case ';':
		return true;
	case '\'':
		return url || quote_ends(r, i);
	case ',':
		return !url;
	case '|': /* `token=x|user=y` */
		return is_pair(r, i + 1);
	case '#':
		return url;
	case '/':
	case '?':
		return url && is_matrix(r, p);
	case ']': /* [user=ada][token=x][ok] */
		if (i + 1 < r->n && r->s[i + 1] == '[' && bracket_opens(r, p))
			return true;
		return p->name_quote && p->sep == ':';
	case '}':
		return p->name_quote && p->sep == ':';
	default:
		return url && r->mode == SAN_URL ? c == '\n' : is_space(c);
	}
}

static inline bool ends_bare(struct record *r, const struct pair *p, size_t i, bool url)
{
	return bare_ends[r->s[i]] && end_of_bare(r, p, i, url);
}

/* Punctuation of the sentence around it is not the value's, unless it is paired inside. */
static size_t trim_value(const struct record *r, size_t start, size_t end)
{
	if (end < r->n && !is_space(r->s[end]) && !is_quote(r->s[end]) && r->s[end] != ',' &&
	    r->s[end] != ';')
		return end;
	if (r->s[start] == '[')
		start += placeholder_length(r->s + start, end - start);
	for (; end > start; end--) {
		unsigned char c = r->s[end - 1];
		unsigned char open = c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : 0;
		if (open ? memchr(r->s + start, open, end - start) != NULL
			 : !is_one_of(c, ".,:!?'"))
			break;
	}
	return end;
}

/* Not a word of a sentence: `enter your password: it must have` stays, `auth:9000 refused`, too. */
static bool unlike_word(const unsigned char *s, size_t n, enum name_kind kind, bool joined)
{
	bool digit = false, letter = false, other = false;

	for (size_t i = 0; i < n; i++) {
		digit |= is_digit(s[i]);
		letter |= is_alpha(s[i]);
		other |=
		    !is_alnum(s[i]) && s[i] != '-' && s[i] != '\'' && s[i] != '.' && s[i] < 0x80;
	}
	if (digit && !letter && !other)
		return (kind == NAME_DIGITS && n >= 4) || (joined && n >= 6);
	return (digit && n >= 6) || (other && n >= 6) || n >= 24;
}

/* After `name: value` comes the end, a separator or another pair; a plain word means prose. */
static bool prose_follows(const struct record *r, size_t end)
{
	size_t i = end;

	if (i == r->n || !is_blank(r->s[i]))
		return false;
	while (i < r->n && is_blank(r->s[i]))
		i++;
	/* What stands for an address that was a word of prose is one too. */
	size_t placeholder = i < r->n ? placeholder_length(r->s + i, r->n - i) : 0;
	if (placeholder)
		return true;
	if (i == r->n || (!is_alnum(r->s[i]) && r->s[i] < 0x80))
		return false;
	while (i < r->n && char_kinds[r->s[i]] & CHAR_WORD)
		i++;
	return i == r->n || (r->s[i] != '=' && r->s[i] != ':');
}

/* `password: must have eight letters` is a sentence, with an address in it or without. */
static bool is_prose(const struct record *r, const struct pair *p, struct bounds v)
{
	const unsigned char *s = r->s + v.start;
	size_t n = v.end - v.start;
	const unsigned char *inside = n >= 10 ? memmem(s, n, "[REDACTED_", 10) : NULL;
	bool joined = v.start == p->sep_at + 1;

	if (joined && memchr(r->s + p->start, '_', p->end - p->start)) /* api_key:x is no sentence */
		return false;
	return (inside || prose_follows(r, v.end)) &&
	       !unlike_word(s, inside ? (size_t)(inside - s) : n, p->kind, joined);
}

/*
 * A placeholder with a tail is none: the tail would leak. Two in a row are: what was found
 * in a value's place reached into something else, which stays (`[REDACTED][REDACTED]@host`).
 */
static bool two_placeholders(const struct record *r, size_t i)
{
	if (!placeholder_at(r, i))
		return false;
	/* Marks between them were the sentence's, see trim_value(). */
	for (i += placeholder_length(r->s + i, r->n - i); i < r->n; i++)
		if (!is_one_of(r->s[i], ".,:!?'"))
			break;
	return i < r->n && placeholder_at(r, i);
}

/* `Passphrase: open sesame`: words are what it is made of. */
static inline bool is_phrase(const struct record *r, const struct pair *p)
{
	static const struct words phrase = {{[6] = "phrase "}};

	return p->sep == ':' && p->end - p->start >= 6 && to_lower(r->s[p->end - 1]) == 'e' &&
	       is_word(&phrase, r->s + p->end - 6, 6);
}

/* The end of the words of a phrase, of which the first ends at `end`: no pair, no other line. */
static size_t phrase_end(struct record *r, const struct pair *p, size_t end)
{
	for (size_t i = end; i < r->n && r->s[i] == ' ' && !is_pair(r, i + 1); end = i) {
		i++;
		while (i < r->n && !ends_bare(r, p, i, false))
			i++;
		if (i == end + 1)
			break;
	}
	return end;
}

/* A value that was read to its end is none. alone: it is not in a URL, nor behind a scheme. */
static bool bare_stays(const struct san_rules *rules, const struct record *r,
		       const struct pair *p, size_t at, struct bounds v, bool alone)
{
	const unsigned char *s = r->s + v.start;
	size_t n = v.end - v.start;

	if (value_stays(s, n) || two_placeholders(r, v.start) ||
	    (p->sep == '=' && v.start > at && !p->spaced && is_pair(r, v.start)) ||
	    (p->kind == NAME_KEY && !credential_like(s, n)))
		return true;
	if (!alone)
		return false;
	return value_is_code(rules, r, p, at, v) ||
	       (!p->name_quote && (p->sep == ':' || p->sep == ' ') && !is_phrase(r, p) &&
		is_prose(r, p, v));
}

/* The end of the letters and digits at i where there is nothing else to the value; 0: there is. */
static inline size_t word_end(struct record *r, const struct pair *p, size_t i, bool url)
{
	size_t end = i;

	while (end < r->n && is_alnum(r->s[end]))
		end++;
	return end > i && (end == r->n || (!is_quote(r->s[end]) && ends_bare(r, p, end, url)))
		   ? end
		   : 0;
}

/* A value in marks of its own: `b"x"`, `f("x")`, `("x", …`. *found: it goes. */
static bool marked_value(struct san_scanner *scanner, struct record *r, const struct pair *p,
			 size_t i, bool scheme, bool *found)
{
	size_t end = prefixed_quote(r, i);
	struct bounds string;

	if (end > i) {
		*found = quoted_value(scanner, r, p, end);
		return true;
	}
	if (!scheme && string_in_call(r, i, &string)) {
		*found = !placeholder_at(r, string.start) &&
			 !value_stays(r->s + string.start, string.end - string.start);
		if (*found)
			value_add(scanner, r, p, string, false);
		return true;
	}
	end = tuple_end(r, p, i);
	*found = end > 0;
	if (end)
		value_add(scanner, r, p, (struct bounds){i, end}, true);
	return end > 0;
}

/*
 * The end of a value that begins at i. list: it goes on to the end of its line. word: the end
 * of the letters and digits that it seems to be, or 0.
 */
static size_t bare_end(struct record *r, const struct pair *p, size_t i, bool url, bool list,
		       size_t word)
{
	size_t end = word ? word : i;

	while (!word && end < r->n && !ends_bare(r, p, end, url))
		end++;
	if (!url && is_phrase(r, p))
		end = phrase_end(r, p, end);
	if (p->kind == NAME_KEY)
		r->key_seen = end;
	if (list)
		for (end = i; end < r->n && r->s[end] != '\n' &&
			      !(is_quote(r->s[end]) && quote_ends(r, end) && end + 1 == r->n);
		     end++)
			;
	else if (end != word && p->sep != '>' && r->mode != SAN_URL)
		end = trim_value(r, i, end);
	return end;
}

static bool bare_value(struct san_scanner *scanner, struct record *r, const struct pair *p,
		       size_t at, size_t i)
{
	bool url = in_url(r, p, at), list = false, found;
	size_t word = word_end(r, p, i, url), scheme = 0, end;

	if (!url && (is_alpha(r->s[i]) || r->s[i] == '-') &&
	    (!word || (word < r->n && is_blank(r->s[word]))))
		scheme = scheme_of(p, r->s + i, r->n - i, &list);
	i += scheme;
	word = scheme ? 0 : word;
	if (scheme && is_quote(r->s[i]))
		return quoted_value(scanner, r, p, i);
	end = r->s[i] == '<' ? angled_end(r, p, i) : 0;
	if (end) {
		value_add(scanner, r, p, (struct bounds){i + 1, end}, true);
		return true;
	}
	if (!list && ends_bare(r, p, i, url)) /* nothing stands there */
		return false;
	if (p->kind == NAME_KEY && i < r->key_seen)
		return false;
	if (!url && r->s[i] == '/' && value_is_directory(r, p, i))
		return false;
	if (!url && !word && marked_value(scanner, r, p, i, scheme > 0, &found))
		return found;
	struct bounds v = {i, bare_end(r, p, i, url, list, word)};
	if (bare_stays(scanner->rules, r, p, at, v, !url && !scheme))
		return false;
	value_add(scanner, r, p, v, true);
	return true;
}

/* `'field': 'Your password:', …`: the quote behind the colon closes what opened before. */
static bool ends_label(const struct record *r, const struct pair *p, size_t at)
{
	size_t from = p->start, next = at + 1;

	if (p->sep != ':' || p->name_quote || p->spaced)
		return false;
	while (from > 0 && p->start - from < 40 &&
	       (is_alnum(r->s[from - 1]) || r->s[from - 1] == ' '))
		from--;
	if (from == 0 || r->s[from - 1] != r->s[at])
		return false;
	return next == r->n || (!is_alnum(r->s[next]) && r->s[next] < 0x80 && r->s[next] != ':');
}

/* A value that is quoted, a container or a list. *found: it goes. False: it is none of these. */
static bool enclosed_value(struct san_scanner *scanner, struct record *r, const struct pair *p,
			   size_t at, size_t *value, bool *found)
{
	unsigned char c = r->s[*value];
	size_t i = c == 's' ? behind_dump(r, *value) : *value;

	*value = i;
	*found = false;
	if (is_quote(c) && ends_label(r, p, i))
		return true;
	if (is_quote(r->s[i]) && p->sep != '>') {
		*found = quoted_value(scanner, r, p, i);
		return true;
	}
	if ((c != '{' && c != '[') || p->sep == ',' || placeholder_length(r->s + i, r->n - i) > 0)
		return false;
	struct pair key = *p;
	if (p->name_quote || r->mode == SAN_JSON || object_begins(r, i, &key)) {
		r->cursor = container_values(scanner, r, &key, i, 0);
		*found = true;
		return true;
	}
	return c == '[' && p->sep != ' ' && !in_url(r, p, at) && !deep(r, i, p->sep_at) &&
	       list_values(scanner, r, p, i, found);
}

static bool value_at(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at)
{
	size_t i = at;
	bool found;

	while (i < r->n && is_space(r->s[i]) && (is_blank(r->s[i]) || r->mode == SAN_JSON))
		i++;
	if (i == r->n)
		return false;
	if ((!is_alnum(r->s[i]) || r->s[i] == 's') && enclosed_value(scanner, r, p, at, &i, &found))
		return found;
	return p->sep != ',' && bare_value(scanner, r, p, at, i);
}

/* `"password:": value`: the name has its colon twice. Returns where the value begins, 0: none. */
static size_t value_of_key(const struct record *r, struct pair *p, size_t quote)
{
	size_t i = quote + 1;

	while (i < r->n && is_space(r->s[i]))
		i++;
	if (i >= r->n || r->s[i] != ':')
		return 0;
	p->name_quote = '"';
	p->name_quote_at = quote;
	p->sep = ':';
	p->sep_at = i;
	return i + 1;
}

/* Inside a string of JSON the record ends where the string ends. */
__attribute__((noinline)) static bool value_in_json(struct san_scanner *scanner, struct record *r,
						    const struct pair *p, size_t at)
{
	size_t n = r->n, i = at, limit = string_limit(r, p->end, at);
	bool goes_on = scanner->carry.goes_on;

	if (limit == n)
		return value_at(scanner, r, p, at);
	r->n = limit;
	scanner->carry.goes_on = false;
	bool found = value_at(scanner, r, p, at);
	r->n = n;
	scanner->carry.goes_on = goes_on;
	while (i < limit && is_blank(r->s[i]))
		i++;
	if (found || i < limit)
		return found;
	struct pair key = *p;
	i = value_of_key(r, &key, limit);
	return i && value_at(scanner, r, &key, i);
}

bool secret_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at)
{
	return r->json ? value_in_json(scanner, r, p, at) : value_at(scanner, r, p, at);
}
