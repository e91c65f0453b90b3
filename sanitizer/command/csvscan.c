/*
 * csvscan - see csvscan.h.
 */
#include "csvscan.h"

#include <stdint.h>

/* Excel's longest cell is 32767 characters; what is open for longer is a stray quote. */
#define QUOTED_MAX ((size_t)256 << 10)

bool csv_is_delimiter(const struct csv_scan *scan, char c)
{
	if (scan->delimiter)
		return c == scan->delimiter;
	return c == ',' || c == ';' || c == '\t' || c == '|';
}

/* The bytes of a BOM: quotes of the first cell stand behind it. */
static bool is_bom(char c)
{
	return c == '\xef' || c == '\xbb' || c == '\xbf';
}

static void give_up(struct csv_scan *scan, size_t reached, size_t *pos)
{
	*pos = scan->inside;
	scan->state = CSV_PLAIN;
	scan->stray = true;
	if (reached > scan->blind)
		scan->blind = reached;
}

/* What a byte outside of quotes ends. */
static enum csv_end end_of(const struct csv_scan *scan, char c)
{
	if (c == '\n')
		return CSV_LINE;
	return csv_is_delimiter(scan, c) ? CSV_CELL : CSV_MORE;
}

static void open_quote(struct csv_scan *scan, size_t inside)
{
	scan->state = CSV_QUOTED;
	scan->inside = inside;
	scan->lines = scan->edge = false;
}

static size_t skip_plain(const struct csv_scan *scan, const char *data, size_t len, size_t pos)
{
	while (pos < len && end_of(scan, data[pos]) == CSV_MORE)
		pos++;
	return pos;
}

/* The bytes from *pos up to the next quote, or a newline that cannot be inside of one. */
static void skip_quoted(struct csv_scan *scan, const char *data, size_t len, size_t *pos)
{
	for (; *pos < len && data[*pos] != '"'; ++*pos) {
		char c = data[*pos];
		if (c == '\n' && (*pos < scan->blind || *pos - scan->inside > QUOTED_MAX)) {
			give_up(scan, *pos + 1, pos);
			return;
		}
		scan->lines |= c == '\n';
		if (c == '\n' || csv_is_delimiter(scan, c))
			scan->edge = true;
		else if (!csv_is_blank(c))
			scan->edge = false;
	}
	if (*pos < len) {
		scan->state = CSV_QUOTE;
		++*pos;
	}
}

/* Behind a quote inside of quotes: does it close? */
static void behind_quote(struct csv_scan *scan, char c, size_t *pos)
{
	if (c == '"' && scan->state == CSV_QUOTE) {
		scan->state = CSV_QUOTED;
		scan->edge = false;
		++*pos;
	} else if (csv_is_blank(c)) {
		scan->state = CSV_AFTER;
		++*pos;
	} else if (scan->lines || scan->edge) {
		give_up(scan, *pos, pos);
	} else {
		scan->state = CSV_PLAIN;
	}
}

enum csv_end csv_scan(struct csv_scan *scan, const char *data, size_t len, size_t *pos)
{
	enum csv_end end;

	if (scan->state == CSV_START)
		scan->stray = false;
	while (*pos < len) {
		char c = data[*pos];

		if (scan->state == CSV_QUOTED) {
			skip_quoted(scan, data, len, pos);
			continue;
		}
		if (scan->state == CSV_PLAIN) {
			*pos = skip_plain(scan, data, len, *pos);
			if (*pos == len)
				break;
			c = data[*pos];
		}
		end = end_of(scan, c);
		if (end != CSV_MORE) {
			scan->state = CSV_START;
			++*pos;
			return end;
		}
		if (scan->state != CSV_START) {
			behind_quote(scan, c, pos);
			continue;
		}
		if (c == '"')
			open_quote(scan, *pos + 1);
		else if (!csv_is_blank(c) && !is_bom(c))
			scan->state = CSV_PLAIN;
		++*pos;
	}
	return CSV_MORE;
}

bool csv_give_up(struct csv_scan *scan, size_t len, size_t *pos)
{
	if (scan->state != CSV_QUOTED)
		return false;
	give_up(scan, len, pos);
	return true;
}

enum csv_end csv_scan_all(struct csv_scan *scan, const char *data, size_t len, size_t *pos)
{
	enum csv_end end;

	do
		end = csv_scan(scan, data, len, pos);
	while (end == CSV_MORE && csv_give_up(scan, len, pos));
	return end;
}

static size_t shifted(size_t place, size_t n)
{
	return place > n && place < SIZE_MAX ? place - n : 0;
}

void csv_shift(struct csv_scan *scan, size_t n)
{
	scan->inside = shifted(scan->inside, n);
	scan->blind = shifted(scan->blind, n);
	scan->begun_blind = shifted(scan->begun_blind, n);
}
