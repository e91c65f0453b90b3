/*
 * csvscan - where the cells of a CSV end, for whoever frames its records and whoever cuts them.
 *
 * RFC 4180: a quote that begins a cell, blanks aside, opens it, a doubled one stands for itself
 * and a newline inside is text; any other quote is a character like others. One that opens
 * and never closes is given up: the bytes behind it are read again as if it were a character.
 * So is one behind which another opens, and one that closes on a later line in the middle of
 * a cell. A byte is looked at a few times at most: where a quote was given up, up to the
 * byte that showed it, no other goes over a line's end.
 */
#ifndef SANITIZE_CSVSCAN_H
#define SANITIZE_CSVSCAN_H

#include <stdbool.h>
#include <stddef.h>

struct csv_scan {
	char delimiter; /* NUL: any of those known */
	enum { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE, CSV_AFTER } state;
	bool lines;    /* a newline since the quote that opened */
	bool edge;     /* only blanks since a delimiter or newline */
	bool stray;    /* the cell begins with a quote that was given up */
	size_t inside; /* behind the quote that opened */
	size_t blind;  /* up to here no quote goes over a line's end; SIZE_MAX: up to the shift */
	size_t begun_blind; /* what that was where the record in progress begins; the framer's */
};

enum csv_end { CSV_MORE, CSV_CELL, CSV_LINE };

/* What may stand around a cell. */
static inline bool csv_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool csv_is_delimiter(const struct csv_scan *scan, char c);
/*
 * Go on at *pos until behind the delimiter or newline that ends a cell, or to len.
 * All but blind begins at 0; the scan is ready for the next cell then.
 */
enum csv_end csv_scan(struct csv_scan *scan, const char *data, size_t len, size_t *pos);
/* len is the end of the input: is a quote open? Then it was given up; scan on. */
bool csv_give_up(struct csv_scan *scan, size_t len, size_t *pos);
/* csv_scan() where len is the end of the input, with which the last cell ends. */
enum csv_end csv_scan_all(struct csv_scan *scan, const char *data, size_t len, size_t *pos);
/* The first n bytes of the buffer were taken off. */
void csv_shift(struct csv_scan *scan, size_t n);

#endif
