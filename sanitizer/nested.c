/*
 * nested - containers under a secret name, and values that a cut left open.
 */
#include "chars.h"
#include "quoting.h"
#include "redact.h"
#include "try.h"
#include "value.h"

#include <string.h>

static size_t token_end(const struct record *r, size_t at)
{
	size_t i = at;

	while (i < r->n && !strchr(",:{}[]\"'", r->s[i]) && !is_space(r->s[i]) &&
	       !(r->s[i] == '=' && i + 1 < r->n && r->s[i + 1] == '>'))
		i++;
	return i > at ? i : at + 1;
}

static bool is_key(const struct record *r, size_t i)
{
	while (i < r->n && is_space(r->s[i]))
		i++;
	return i < r->n &&
	       (r->s[i] == ':' || (r->s[i] == '=' && i + 1 < r->n && r->s[i + 1] == '>'));
}

/* One string or bare token at i; returns its end. */
static size_t leaf(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t i)
{
	bool bare = !is_quote(r->s[i]);
	size_t end = bare ? token_end(r, i) : closing_quote(r, i);
	struct bounds v = {bare ? i : i + 1, end};

	if (!bare && end == r->n && scanner->carry.goes_on) {
		scanner->carry.quote = r->s[i];
		scanner->carry.level = r->level ? r->level[i] : 0;
	}
	if (!bare && end < r->n)
		end++;
	if (!is_key(r, end) && !value_stays(r->s + v.start, v.end - v.start))
		value_add(scanner, r, p, v, bare);
	return end;
}

size_t container_values(struct san_scanner *scanner, struct record *r, const struct pair *p,
			size_t i, size_t depth)
{
	while (i < r->n) {
		unsigned char c = r->s[i];
		size_t placeholder = c == '[' ? placeholder_length(r->s + i, r->n - i) : 0;
		if (placeholder) {
			i += placeholder;
		} else if (c == '{' || c == '[') {
			depth++;
			i++;
		} else if (c == '}' || c == ']') {
			i++;
			if (--depth == 0)
				break;
		} else if (c == ',' || c == ':' || is_space(c)) {
			i++;
		} else if (c == '=' && i + 1 < r->n && r->s[i + 1] == '>') {
			i += 2;
		} else {
			i = leaf(scanner, r, p, i);
		}
	}
	scanner->carry.depth = scanner->carry.goes_on ? depth : 0;
	return i;
}

void value_continue(struct san_scanner *scanner, struct record *r)
{
	static const struct pair pair = {.kind = NAME_SECRET, .sep = ':'};
	struct carry *carry = &scanner->carry;
	size_t i = 0;

	if (carry->quote) {
		while (i < r->n &&
		       !(r->s[i] == carry->quote && percent_level(r, i) <= (carry->level & 15u) &&
			 escape_level(r, i) <= carry->level >> 4))
			i++;
		if (i > 0) {
			piece_add(scanner, r, 0, i, SAN_SECRET, "name");
			scanner->pieces[scanner->n_pieces - 1].silent = true;
		}
		if (i < r->n) {
			carry->quote = 0;
			i++;
		}
		r->cursor = i;
	}
	if (carry->depth && !carry->quote)
		r->cursor = container_values(scanner, r, &pair, i, carry->depth);
}
