/*
 * phone - numbers under a name that says so.
 */
#include "chars.h"
#include "detector.h"
#include "marks.h"
#include "ruleset.h"
#include "value.h"

#define DIGITS_MAX 13 /* of one with its country, nearly always: of more some are another's */

static size_t digits_in(const struct record *r, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += is_digit(r->s[i]);
	return n;
}

/* Over the marks that may stand between two numbers; `at`: none of them, or nothing is behind. */
static size_t skip_marks(const struct record *r, size_t at)
{
	size_t i = at;

	while (i < r->n && i - at < 5 && is_one_of(r->s[i], " ,;/|\"'"))
		i++;
	return i < r->n ? i : at;
}

/* The digits at i alone, where they are what the number before left; 0: they go on. */
static size_t rest_of_number(const struct record *r, size_t i)
{
	while (i < r->n && is_digit(r->s[i]))
		i++;
	return i < r->n && is_one_of(r->s[i], " -") ? 0 : i;
}

/*
 * Under a phone's name there may be several, of which the first is at [from, end): what begins
 * like one behind a mark or two, or is left of more digits than one has.
 */
static void more_phones(struct san_scanner *scanner, struct record *r, size_t from, size_t end)
{
	while (end) {
		size_t next = skip_marks(r, end);
		bool left;

		if (next == end)
			return;
		left = digits_in(r, from, end) > DIGITS_MAX && is_digit(r->s[next]);
		if (!left && !is_one_of(r->s[next], "+0("))
			return;
		from = next;
		end = left ? rest_of_number(r, from) : 0;
		if (!end)
			end = detector_match(scanner, DETECTOR_phone_named, r, from);
		if (end)
			piece_add(scanner, r, from, end, SAN_PHONE, "phone_named");
	}
}

bool phone_value(struct san_scanner *scanner, struct record *r, const struct pair *p, size_t at)
{
	size_t i = at, end;
	bool separated = false, quoted = p->name_quote != 0;

	if (scanner->rules->options.action[SAN_PHONE] == SAN_KEEP)
		return false;
	for (size_t stop = at + 8; i < r->n && i < stop; i++) {
		unsigned char c = r->s[i];
		separated |= c == ':' || c == '=' || c == '.' || c == '>';
		quoted |= c == '"' || c == '\'';
		if (!is_blank(c) && c && !is_one_of(c, ":=.>\"'#["))
			break;
	}
	if (i == at || i == r->n || !r->s[i])
		return false;
	end = detector_match(scanner, separated ? DETECTOR_phone_named : DETECTOR_phone_bare, r, i);
	if (!end)
		return false;
	piece_add(scanner, r, i, end, SAN_PHONE, "phone_named");
	if (separated)
		more_phones(scanner, r, i, end);
	return true;
}
