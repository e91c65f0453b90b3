/*
 * document - strings of JSON, a stretch at a time.
 *
 * Read in the raw record, where an escape is what JSON says it is. The cache moves
 * forward with the names, a stretch inside or between strings at a time, so that all
 * pairs of a record together read it once.
 */
#include "document.h"

#include "chars.h"
#include "marks.h"

#include <string.h>

/* The next quote from i on; inside a string one that an odd number of backslashes escapes is none.
 */
static size_t stretch_end(const struct record *r, size_t i, bool inside)
{
	const unsigned char *quote;

	for (size_t from = i; i < r->raw_n; i++) {
		quote = memchr(r->raw + i, '"', r->raw_n - i);
		if (!quote)
			break;
		size_t back = i = (size_t)(quote - r->raw);
		while (inside && back > from && r->raw[back - 1] == '\\')
			back--;
		if ((i - back) % 2 == 0)
			return i;
	}
	return r->raw_n;
}

static struct stretch stretch_next(const struct record *r, struct stretch now)
{
	now = (struct stretch){.from = now.to, .inside = !now.inside};
	now.to = stretch_end(r, now.from + (now.from < r->raw_n), now.inside);
	return now;
}

/* A segment of a document may begin inside a string. */
static void stretches_begin(struct record *r)
{
	if (r->strings.to == 0)
		r->strings.to = stretch_end(r, 0, r->strings.inside);
}

static inline struct stretch stretch_around(const struct record *r, struct stretch now, size_t at)
{
	while (at > now.to && now.to < r->raw_n)
		now = stretch_next(r, now);
	return now;
}

/* Move on to the stretch around `at`: most questions are of the one in hand. */
static inline void stretches_move(struct record *r, size_t at)
{
	if (at > r->strings.to)
		r->strings = stretch_around(r, r->strings, at);
}

/* What stands behind a string of JSON: anything else means that it is no such string. */
static bool string_ends(const struct record *r, size_t quote)
{
	size_t i = quote + 1;

	while (i < r->raw_n && is_space(r->raw[i]))
		i++;
	return i >= r->raw_n || (r->raw[i] && strchr(",:]}", r->raw[i]));
}

/* And what stands before one. */
static bool string_begins(const struct record *r, size_t quote)
{
	size_t i = quote;

	while (i > 0 && is_space(r->raw[i - 1]))
		i--;
	return i == 0 || is_one_of(r->raw[i - 1], ",:[{");
}

static size_t seen_offset(const struct record *r, size_t raw)
{
	size_t low = 0, high = r->n;

	if (!r->origin)
		return raw;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->origin[middle] < raw)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool in_string(struct record *r, size_t at)
{
	size_t raw = raw_offset(r, at);

	stretches_begin(r);
	stretches_move(r, raw);
	return raw >= r->strings.from && r->strings.inside && r->strings.to < r->raw_n;
}

size_t string_limit(struct record *r, size_t name_end, size_t at)
{
	size_t name = raw_offset(r, name_end), value = raw_offset(r, at);
	const struct stretch *here = &r->strings;
	struct stretch behind;

	if (!r->json || name < r->strings.from)
		return r->n;
	stretches_begin(r);
	stretches_move(r, name);
	if (value > here->to) {
		behind = stretch_around(r, *here, value);
		here = &behind;
	}
	if (!here->inside || here->to == r->raw_n || !string_ends(r, here->to))
		return r->n;
	return seen_offset(r, here->to);
}

bool string_crossed(struct record *r, size_t start, size_t end)
{
	size_t raw = raw_offset(r, start), quote;

	stretches_begin(r);
	stretches_move(r, raw);
	bool opens = r->strings.inside == (raw < r->strings.from);
	quote = raw < r->strings.from ? r->strings.from : r->strings.to;
	return quote < raw_offset(r, end) && quote < r->raw_n &&
	       (opens ? string_begins(r, quote) : string_ends(r, quote));
}

void string_parts(struct san_scanner *scanner, struct record *r, size_t start, size_t end,
		  enum san_class san_class, const char *rule)
{
	struct stretch now = stretch_around(r, r->strings, raw_offset(r, start));

	for (size_t at = start; at < end; now = stretch_next(r, now)) {
		size_t to = seen_offset(r, now.to), from = at;
		if (now.inside && seen_offset(r, now.from + 1) > from)
			from = seen_offset(r, now.from + 1);
		at = to < end ? to : end;
		if (now.inside && from < at)
			piece_put(scanner, r, from, at, san_class, rule);
		if (now.to >= r->raw_n)
			break;
	}
	r->cursor = end;
}

bool string_open(const struct record *r)
{
	struct stretch now = r->strings;

	if (now.to == 0)
		now.to = stretch_end(r, 0, now.inside);
	while (now.to < r->raw_n)
		now = stretch_next(r, now);
	return now.inside;
}
