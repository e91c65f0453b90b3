/*
 * phone - numbers under a name that says so.
 */
#include "chars.h"
#include "detector.h"
#include "marks.h"
#include "ruleset.h"
#include "value.h"

#define DIGITS_MAX 13 /* of one with its country, nearly always: of more some are another's */

/*
 * Under a phone's name there may be several: what begins like one behind a mark or two, or is left
 * of more digits than one has.
 */
static void more_phones(struct san_scanner *scanner, struct record *r, size_t from, size_t end)
{
	size_t digits, i;

	while (end) {
		for (digits = 0, i = from; i < end; i++)
			digits += is_digit(r->s[i]);
		for (from = end; from < r->n && from - end < 5 && is_one_of(r->s[from], " ,;/|\"'"); from++)
			;
		if (from == end || from == r->n ||
		    !(is_one_of(r->s[from], "+0(") || (digits > DIGITS_MAX && is_digit(r->s[from]))))
			return;
		for (end = from; digits > DIGITS_MAX && end < r->n && is_digit(r->s[end]); end++)
			;
		if (end == from || (end < r->n && is_one_of(r->s[end], " -")))
			end = detector_match(scanner, DETECTOR_phone_named, r, from);
		if (end)
			piece_add(scanner, r, from, end, SAN_PHONE, "phone_named");
	}
}

bool phone_value(struct san_scanner *scanner, struct record *r, const struct pair *p,
			size_t at)
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
