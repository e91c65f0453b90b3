/*
 * piece - accepting what was found: precedence, clamping, the shape around it.
 */
#include "chars.h"
#include "document.h"
#include "ruleset.h"

#include <string.h>

/* Is the raw position inside the host of a URL? Looks back at most as far as a host goes. */
static bool inside_host(const struct record *r, size_t at)
{
	size_t least = at > 255 ? at - 255 : 0;

	for (size_t i = at; i > least; i--) {
		unsigned char c = r->s[i - 1];
		if (c == '/')
			return i > 2 && r->s[i - 2] == '/' && r->s[i - 3] == ':';
		if (!is_alnum(c) && c != '.' && c != '-' && c != '_' && c != '@' && c != ':' &&
		    c != '[' && c != ']')
			return false;
	}
	return false;
}

#define NUMBER_MAX 40 /* at either side of what was found in it */

static bool number_byte(unsigned char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* As in struct piece. */
struct quote {
	uint32_t start;
	uint8_t len;
};

/*
 * A bare number of JSON becomes a quoted placeholder, whole: the quote is copied
 * from the key, so that JSON inside a string keeps its escapes.
 */
static struct quote quote_number(struct record *r, size_t *start, size_t *end)
{
	struct quote quote = {0};
	size_t from = *start, to = *end, i, rest;

	while (from > 0 && *start - from < NUMBER_MAX && number_byte(r->s[from - 1]))
		from--;
	while (to < r->n && to - *end < NUMBER_MAX && number_byte(r->s[to]))
		to++;
	for (size_t k = from; k < to; k++)
		if (!number_byte(r->s[k]))
			return quote;
	for (i = from; i > 0 && is_space(r->s[i - 1]); i--)
		;
	for (rest = to; rest < r->n && is_space(r->s[rest]); rest++)
		;
	if (to < r->n && !is_space(r->s[to]) && !strchr(",]}", r->s[to]))
		return quote;
	bool inside = r->json && in_string(r, from);
	if (i == 0 && r->mode == SAN_JSON && rest == r->n) {
		quote.len = 255;
	} else if (i > 1 && r->s[i - 1] == ':' && is_quote(r->s[i - 2]) &&
		   !(inside && r->raw[raw_offset(r, i - 2)] == '"')) {
		quote.start = raw_offset(r, i - 2);
		quote.len = (uint8_t)(raw_offset(r, i - 1) - quote.start);
	} else if (i > 0 && r->json && !inside && (r->s[i - 1] == '[' || r->s[i - 1] == ',')) {
		quote.len = 255;
	} else {
		return quote;
	}
	*start = from;
	*end = to;
	return quote;
}

#define CLASS(name) (1u << SAN_##name)
_Static_assert(SAN_CLASSES <= 32, "a bit for each");

void piece_put(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
	       enum san_class san_class, const char *rule)
{
	struct quote quote = {0};
	unsigned class = 1u << san_class;
	bool host = false;

	if (scanner->rules->options.action[san_class] == SAN_KEEP)
		return;
	if (class & (CLASS(CARD) | CLASS(PHONE) | CLASS(HEX)))
		quote = quote_number(r, &start, &end);
	if (!(class & (CLASS(SECRET) | CLASS(IP))))
		host = inside_host(r, start);
	r->taken = start;
	r->cursor = end;
	r->name_failed = 0;
	/* What goes on behind is a run of its own. */
	r->ip6_seen = r->ip6_seen < end ? r->ip6_seen : end;
	uint32_t from = raw_offset(r, start), to = raw_offset(r, end);
	while (scanner->n_pieces > 0) {
		struct piece *last = &scanner->pieces[scanner->n_pieces - 1];
		if (last->end <= from)
			break;
		if (last->start >= from && last->san_class >= san_class) {
			scanner->n_pieces--;
			continue;
		}
		from = last->end;
		break;
	}
	if (from < to && scanner->n_pieces < PIECES_MAX)
		scanner->pieces[scanner->n_pieces++] = (struct piece){.start = from,
								      .end = to,
								      .quote_start = quote.start,
								      .quote_len = quote.len,
								      .san_class = (uint8_t)san_class,
								      .host = host,
								      .rule = rule};
}

/* As piece_add(), in a document. */
__attribute__((noinline)) static void document_add(struct san_scanner *scanner, struct record *r,
						   size_t start, size_t end,
						   enum san_class san_class, const char *rule)
{
	if (string_crossed(r, start, end))
		string_parts(scanner, r, start, end, san_class, rule);
	else
		piece_put(scanner, r, start, end, san_class, rule);
}

void piece_add(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
	       enum san_class san_class, const char *rule)
{
	if (r->mode == SAN_JSON)
		document_add(scanner, r, start, end, san_class, rule);
	else
		piece_put(scanner, r, start, end, san_class, rule);
}
