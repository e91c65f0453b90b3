/*
 * quoting - strings as programs write them.
 */
#include "quoting.h"

#include "chars.h"
#include "marks.h"
#include "validate.h"

#include <string.h>

size_t closing_quote(const struct record *r, size_t open)
{
	for (size_t i = open + 1; i < r->n; i++)
		if (r->s[i] == r->s[open] && percent_level(r, i) <= percent_level(r, open) &&
		    escape_level(r, i) <= escape_level(r, open))
			return i;
	return r->n;
}

size_t string_end(const struct record *r, size_t open)
{
	size_t close = closing_quote(r, open);

	while (r->s[open] == '\'' && close > open + 1 && r->n - close > 2 &&
	       r->s[close + 1] == '\'' && is_alnum(r->s[close + 2]))
		close = closing_quote(r, close + 1);
	return close;
}

bool quote_ends(const struct record *r, size_t i)
{
	return i + 1 == r->n || !r->s[i + 1] || is_space(r->s[i + 1]) ||
	       is_one_of(r->s[i + 1], ",;)]}&>");
}

size_t prefixed_quote(const struct record *r, size_t i)
{
	static const char command[] = "ConvertTo-SecureString ", option[] = "-String ";
	size_t quote = i;

	if (r->n - i > sizeof(command) && !memcmp(r->s + i, command, sizeof(command) - 1)) {
		quote += sizeof(command) - 1;
		if (r->n - quote > sizeof(option) &&
		    !memcmp(r->s + quote, option, sizeof(option) - 1))
			quote += sizeof(option) - 1;
		return is_quote(r->s[quote]) ? quote : i;
	}
	while (quote < r->n && quote - i < 2 && is_one_of(r->s[quote], "bBuUrRfFNL@$"))
		quote++;
	return quote > i && quote < r->n && (r->s[quote] == '"' || r->s[quote] == '\'') &&
		       !quote_ends(r, quote)
		   ? quote
		   : i;
}

bool object_begins(const struct record *r, size_t i, struct pair *p)
{
	if (r->s[i] != '{' || deep(r, i, p->sep_at))
		return false;
	i = blanks_end(r, i + 1);
	if (i == r->n || (r->s[i] != '"' && r->s[i] != '\''))
		return false;
	p->name_quote = r->s[i];
	p->name_quote_at = i;
	p->sep = ':';
	return true;
}

bool bracket_opens(const struct record *r, const struct pair *p)
{
	size_t i = p->end;

	while (i > p->start && r->s[i - 1] != '[' && r->s[i - 1] != ']')
		i--;
	return i > p->start ? r->s[i - 1] == '[' : p->before == '[';
}

size_t angled_end(const struct record *r, const struct pair *p, size_t at)
{
	bool digit = false, letter = false;
	size_t end = at + 1;

	if (p->sep != '=' || p->kind == NAME_KEY)
		return 0;
	while (end < r->n && end - at < 130 && char_kinds[r->s[end]] & CHAR_TOKEN)
		end++;
	if (end - at <= ANGLED_MIN || end == r->n || r->s[end] != '>')
		return 0;
	for (size_t i = at + 1; i < end; i++) {
		digit |= is_digit(r->s[i]);
		letter |= is_alpha(r->s[i]);
	}
	return digit && letter ? end : 0;
}

size_t tuple_end(const struct record *r, const struct pair *p, size_t i)
{
	size_t end = i + 3;

	if (r->n - i < 2 || r->s[i] != '(' || !is_quote(r->s[i + 1]))
		return 0;
	for (; end < r->n && (r->s[end] != '\n' || deep(r, end, p->sep_at)); end++)
		if (r->s[end] == ')' && is_quote(r->s[end - 1]) && quote_ends(r, end) &&
		    (end + 1 == r->n || !deep(r, end + 1, p->sep_at)))
			return end + 1;
	return end < r->n ? end : r->n;
}

bool string_in_call(const struct record *r, size_t i, struct bounds *string)
{
	bool converted = r->n - i > 2 && r->s[i] == '[' && r->s[i + 1] == ']';
	size_t open;

	i += converted ? 2 : 0;
	open = i;

	while (open < r->n && open - i < 40 && char_kinds[r->s[open]] & CHAR_PATH)
		open++;
	if (open == i || open + 1 >= r->n || r->s[open] != '(' || !is_quote(r->s[open + 1]))
		return false;
	*string = (struct bounds){open + 2, closing_quote(r, open + 1)};
	const unsigned char *s = r->s + string->start;
	size_t n = string->end - string->start;
	return string->end < r->n && (converted || credential_like(s, n) || only_placeholders(s, n));
}

bool encoded_follows(const struct record *r, size_t at)
{
	bool mixed = false;
	size_t i = at, end;

	while (i < r->n && i - at < 16 && is_blank(r->s[i]))
		i++;
	for (end = i; end < r->n && char_kinds[r->s[end]] & CHAR_TOKEN; end++)
		mixed |= !is_lower(r->s[end]) && end > i;
	return i > at && end - i >= 4 && (end - i) % 4 == 0 && mixed &&
	       (end == r->n || is_space(r->s[end]) || is_quote(r->s[end]));
}

size_t joined_quote(const struct record *r, size_t open, size_t close)
{
	size_t i = blanks_end(r, close + 1);

	if (r->n - i < 2 || i == close + 1)
		return 0;
	if (r->s[i] == '-' && r->s[i + 1] == '>')
		i++;
	else if (r->s[i] != '+')
		return 0;
	i = blanks_end(r, i + 1);
	return i < r->n && r->s[i] == r->s[open] && escape_level(r, i) == escape_level(r, open) ? i
												 : 0;
}

size_t behind_dump(const struct record *r, size_t i)
{
	size_t at = i + 7;

	if (r->n - i < 11 || memcmp(r->s + i, "string(", 7) != 0)
		return i;
	while (at < r->n && is_digit(r->s[at]))
		at++;
	return r->n - at > 2 && !memcmp(r->s + at, ") \"", 3) ? at + 2 : i;
}
