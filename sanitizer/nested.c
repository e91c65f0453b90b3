/*
 * nested - containers and lists under a secret name, and values that a cut left open.
 */
#include "chars.h"
#include "marks.h"
#include "quoting.h"
#include "redact.h"
#include "try.h"
#include "validate.h"
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

/* What opens with the quote at i goes on in the next segment, if there is one. */
static void quote_carry(struct san_scanner *scanner, const struct record *r, size_t i)
{
	if (!scanner->carry.goes_on)
		return;
	scanner->carry.quote = r->s[i];
	scanner->carry.level = r->level ? r->level[i] : 0;
}

/* One string or bare token at i; returns its end. */
static size_t leaf(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t i)
{
	bool bare = !is_quote(r->s[i]);
	size_t end = bare ? token_end(r, i) : closing_quote(r, i);
	struct bounds v = {bare ? i : i + 1, end};

	if (!bare && end == r->n)
		quote_carry(scanner, r, i);
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

struct item {
	struct bounds v; /* without its quotes, or blanks */
	size_t next;	 /* behind it: a comma, the bracket that closes the list, or nothing */
	bool string, credentials;
};

static bool string_item(const struct record *r, size_t i, struct item *item)
{
	item->v = (struct bounds){i + 1, closing_quote(r, i)};
	item->next = item->v.end < r->n ? blanks_end(r, item->v.end + 1) : r->n;
	return item->next == r->n || is_one_of(r->s[item->next], ",]");
}

/* The item of a list that begins at i or behind its blanks. */
static bool item_at(const struct record *r, const struct pair *p, size_t i, struct item *item)
{
	size_t from = blanks_end(r, i), end = from;
	bool list;

	*item = (struct item){.string = from < r->n && is_quote(r->s[from])};
	if (item->string)
		return string_item(r, from, item);
	if (p->kind == NAME_AUTH)
		end += scheme_of(p, r->s + from, r->n - from, &list);
	item->credentials = end > from;
	from = end;
	while (end < r->n && !is_one_of(r->s[end], "]\n") &&
	       (r->s[end] != ',' || item->credentials)) {
		size_t placeholder = placeholder_length(r->s + end, r->n - end);
		/* Nor in credentials a bracket: who reads on from each of many reads for ever. */
		if (!placeholder &&
		    (r->s[end] == '[' || (!item->credentials && is_one_of(r->s[end], "{(\"`"))))
			return false;
		end += placeholder ? placeholder : 1;
	}
	item->next = end;
	while (end > from && is_blank(r->s[end - 1]))
		end--;
	item->v = (struct bounds){from, end};
	return true;
}

/* The bracket that closes the list at i, or the end of what is cut off; 0: it is no list. */
static size_t list_end(const struct record *r, const struct pair *p, size_t i)
{
	bool spaced = i > p->sep_at + 1, strings = false;
	struct item item;

	do {
		if (!item_at(r, p, i + 1, &item))
			return 0;
		/* `[must be long]`, `[t for t in x]` */
		if (spaced && !item.string && !item.credentials &&
		    memchr(r->s + item.v.start, ' ', item.v.end - item.v.start))
			return 0;
		strings |= item.string;
		i = item.next;
		if (i == r->n || r->s[i] == '\n')
			return strings || item.credentials ? i : 0;
	} while (r->s[i] == ',');
	return strings || item.credentials || quote_ends(r, i) || r->s[i + 1] == '.' ? i : 0;
}

/* Does it go? */
static bool item_goes(const struct san_scanner *scanner, const struct record *r,
		      const struct pair *p, const struct item *item)
{
	const unsigned char *s = r->s + item->v.start;
	size_t n = item->v.end - item->v.start;

	return !value_stays(s, n) && (p->kind != NAME_KEY || credential_like(s, n)) &&
	       (item->string || !value_is_code(scanner->rules, r, p, p->sep_at + 1, item->v));
}

bool list_values(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t i,
		 bool *found)
{
	size_t end = list_end(r, p, i);
	struct item item;

	*found = false;
	if (end && value_stays(r->s + i, end + (end < r->n) - i)) /* [secure] */
		return true;
	for (; i < end && item_at(r, p, i + 1, &item); i = item.next) {
		if (!item_goes(scanner, r, p, &item))
			continue;
		value_add(scanner, r, p, item.v, false);
		*found = true;
		if (item.string && item.v.end == r->n)
			quote_carry(scanner, r, item.v.start - 1);
	}
	return end > 0;
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
