/*
 * records - cutting records, and walking over them.
 */
#include "records.h"

#include "chars.h"

#include <string.h>

static bool delimits(unsigned char c)
{
	return c == ',' || c == ';' || c == '&' || c == '{' || c == '}' || c == '<' || c == '>' ||
	       c == '|' || c == '(' || c == ')' || c == '"' || c == '/';
}

/* Length of the first segment; *run: no place for a cut was found. */
static size_t segment_cut(const unsigned char *s, bool *run)
{
	*run = false;
	for (size_t i = SEGMENT_MAX; i > SEGMENT_MAX / 2; i--)
		if (is_space(s[i - 1]))
			return i;
	for (size_t i = SEGMENT_MAX; i > SEGMENT_MAX / 2; i--)
		if (delimits(s[i - 1]))
			return i;
	*run = true;
	return SEGMENT_MAX;
}

/* The rest of a run that went whole: up to a blank or delimiter. */
static size_t run_rest(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && !is_space(s[i]) && !delimits(s[i]))
		i++;
	return i;
}

static void run_take(struct san_scanner *scanner, size_t start, size_t end, bool silent)
{
	scanner->pieces[0] = (struct piece){.start = (uint32_t)start,
					    .end = (uint32_t)end,
					    .san_class = SAN_HEX,
					    .silent = silent,
					    .rule = "long_run"};
	scanner->n_pieces = 1;
}

/* One record, or its first segment where it is too long; how many bytes were taken. */
static size_t record_clean(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s,
			   size_t n, size_t base, struct output *out)
{
	size_t len = n, rest;
	bool run = false;

	if (scanner->carry.run && (rest = run_rest(s, n < SEGMENT_MAX ? n : SEGMENT_MAX)) > 0) {
		scanner->carry.run = rest == SEGMENT_MAX;
		run_take(scanner, 0, rest, true);
		output_record(scanner, out, s, rest, base);
		return rest;
	}
	scanner->carry.run = false;
	if (n > SEGMENT_MAX)
		len = segment_cut(s, &run);
	if (run) {
		scanner->carry.run = true;
		run_take(scanner, 0, len, false);
	} else {
		scan_record(scanner, mode, s, len);
	}
	output_record(scanner, out, s, len, base);
	return len;
}

size_t records_clean(struct san_scanner *scanner, enum san_mode mode, const unsigned char *in,
		     size_t len, bool final, struct output *out)
{
	size_t at = 0;

	while (at < len && !out->failed) {
		const unsigned char *newline = NULL;
		if (mode == SAN_TEXT)
			newline = memchr(in + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - in) - at : len - at;
		if (!newline && !final && n <= SEGMENT_MAX)
			break;
		while (n > 0) {
			if (n <= SEGMENT_MAX && !newline && !final)
				return at;
			size_t taken = record_clean(scanner, mode, in + at, n, at, out);
			at += taken;
			n -= taken;
		}
		if (newline) {
			scanner->carry.run = false;
			output_bytes(out, "\n", 1);
			at++;
		}
	}
	return at;
}
