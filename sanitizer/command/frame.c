/*
 * frame - see frame.h.
 */
#include "frame.h"

#include <stdint.h>
#include <string.h>

/* The bytes that change the state of a JSON scan; all others are skipped over. */
static const bool json_special[256] = {
    ['"'] = true, ['\\'] = true, ['{'] = true,	['}'] = true,
    ['['] = true, [']'] = true,	 ['\n'] = true,
};

static bool json_ends(struct framer *framer, char c)
{
	if (framer->quoted) {
		if (c == '"')
			framer->quoted = false;
		else if (c == '\\')
			framer->escaped = true;
		return false;
	}
	if (c == '"')
		framer->quoted = true;
	else if (c == '{' || c == '[')
		framer->depth++;
	else if ((c == '}' || c == ']') && framer->depth)
		framer->depth--;
	return c == '\n' && !framer->depth;
}

static size_t first_json(struct framer *framer, const char *data, size_t len)
{
	size_t i = framer->pos;

	while (i < len) {
		if (framer->escaped) {
			framer->escaped = false;
			i++;
			continue;
		}
		while (i < len && !json_special[(unsigned char)data[i]])
			i++;
		if (i < len && json_ends(framer, data[i++])) {
			framer->pos = i;
			return i;
		}
	}
	framer->pos = len;
	return 0;
}

/* The record in progress ends with its line at `end`, unless a key goes on behind that. */
static bool record_ends(struct framer *framer, const char *data, size_t end)
{
	(void)keyblock_takes(&framer->key, data + framer->line, end - framer->line);
	framer->pos = framer->line = end + 1;
	return !keyblock_goes_on(&framer->key);
}

static size_t first_csv(struct framer *framer, const char *data, size_t len)
{
	enum csv_end end;

	while ((end = csv_scan(&framer->csv, data, len, &framer->pos)) != CSV_MORE) {
		if (end == CSV_LINE && record_ends(framer, data, framer->pos - 1)) {
			framer->csv.begun_blind = framer->csv.blind;
			return framer->pos;
		}
	}
	return 0;
}

static size_t first_text(struct framer *framer, const char *data, size_t len)
{
	while (framer->pos < len) {
		const char *hit = memchr(data + framer->pos, '\n', len - framer->pos);

		if (!hit)
			break;
		if (record_ends(framer, data, (size_t)(hit - data)))
			return framer->pos;
	}
	framer->pos = len;
	return 0;
}

/* All lines up to the last newline at once, unless a key is open or begins in them. */
static bool skip_lines(struct framer *framer, const char *data, size_t len)
{
	const char *line = data + framer->line, *hit;

	if (keyblock_goes_on(&framer->key) || framer->pos == len)
		return false;
	hit = memrchr(data + framer->pos, '\n', len - framer->pos);
	if (!hit || keyblock_find(line, (size_t)(hit - line)))
		return false;
	framer->line = (size_t)(hit - data) + 1;
	framer->pos = len;
	return true;
}

size_t frame_first(struct framer *framer, const char *data, size_t len)
{
	const char *hit;

	if (framer->framing == FRAME_JSON)
		return first_json(framer, data, len);
	if (framer->framing == FRAME_CSV)
		return first_csv(framer, data, len);
	if (framer->framing == FRAME_TEXT)
		return first_text(framer, data, len);
	hit = framer->pos < len ? memchr(data + framer->pos, '\n', len - framer->pos) : NULL;
	framer->pos = hit ? (size_t)(hit - data) + 1 : len;
	return hit ? framer->pos : 0;
}

size_t frame_last(struct framer *framer, const char *data, size_t len)
{
	size_t end, last = 0;
	const char *hit;

	if (framer->framing == FRAME_LINES) {
		hit =
		    framer->pos < len ? memrchr(data + framer->pos, '\n', len - framer->pos) : NULL;
		framer->pos = len;
		return hit ? (size_t)(hit - data) + 1 : 0;
	}
	if (framer->framing == FRAME_TEXT && skip_lines(framer, data, len))
		return framer->line;
	while ((end = frame_first(framer, data, len)))
		last = end;
	return last;
}

size_t frame_next(struct framer *framer, const char *data, size_t len)
{
	size_t end = frame_first(framer, data, len);

	if (!end && framer->framing == FRAME_CSV && csv_give_up(&framer->csv, len, &framer->pos))
		end = frame_first(framer, data, len);
	return end ? end : len;
}

void frame_skip(struct framer *framer)
{
	framer->pos = framer->line = framer->csv.inside = 0;
	framer->csv.blind = SIZE_MAX;
}

void frame_shift(struct framer *framer, size_t len)
{
	framer->pos = framer->pos > len ? framer->pos - len : 0;
	framer->line = framer->line > len ? framer->line - len : 0;
	csv_shift(&framer->csv, len);
}
