/*
 * split - see split.h. The library's text mode knows JSON lines and URLs by itself, so
 * auto format looks at lines only where fields have rules: a brace makes a line a
 * JSON document, then come the log format and logfmt.
 */
#include "split.h"

#include <string.h>

#include "keyblock.h"

size_t bom_length(const char *data, size_t len)
{
	return len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

size_t line_content(const char *line, size_t len)
{
	if (len && line[len - 1] == '\n')
		len--;
	if (len && line[len - 1] == '\r')
		len--;
	return len;
}

static int give_until(struct split *split, const char *upto)
{
	struct piece piece = {.kind = PIECE_TEXT, .start = split->pending};

	if (upto <= split->pending)
		return 0;
	piece.len = (size_t)(upto - split->pending);
	split->pending = upto;
	return split->give(split->context, &piece);
}

int split_give(struct split *split, const struct piece *piece)
{
	int rc = give_until(split, piece->start);

	if (rc)
		return rc;
	split->pending = piece->start + piece->len + piece->tail;
	return split->give(split->context, piece);
}

/* Behind a byte order mark and blanks. */
static bool is_json(const char *line, size_t len)
{
	size_t at = bom_length(line, len);

	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	if (len - at < 2)
		return false;
	line += at;
	return line[0] == '{' ||
	       (line[0] == '[' && (line[1] == '{' || line[1] == '"' || line[1] == '['));
}

static int give_line(struct split *split, enum piece_kind kind, const char *line, size_t len)
{
	struct piece piece = {.kind = kind, .start = line, .len = line_content(line, len)};

	piece.tail = len - piece.len;
	return split_give(split, &piece);
}

static int auto_line(struct split *split, const char *line, size_t len)
{
	size_t content = line_content(line, len);
	bool matched = false;
	int rc;

	if (is_json(line, content))
		return give_line(split, PIECE_JSON, line, len);
	rc = split_log_line(split, line, content, &matched);
	return rc || matched ? rc : split_logfmt_line(split, line, content);
}

static int url_line(struct split *split, const char *line, size_t len)
{
	return give_line(split, PIECE_URL, line, len);
}

static int logfmt_line(struct split *split, const char *line, size_t len)
{
	return split_logfmt_line(split, line, line_content(line, len));
}

/* A record that cannot be cut goes whole where a rule takes fields away: they may be in it. */
static int withhold(struct split *split, const char *line, size_t len)
{
	static const struct field_rule rule = {"line", FIELD_REDACT};
	struct piece piece = {.kind = PIECE_FIELD, .start = line, .field = &rule, .lines = true};

	piece.len = line_content(line, len);
	for (size_t i = 0; piece.len && i < split->plan->n_fields; i++)
		if (split->plan->fields[i].action != FIELD_KEEP)
			return split_give(split, &piece);
	return 0;
}

static int log_line(struct split *split, const char *line, size_t len)
{
	bool matched = false;
	int rc = split_log_line(split, line, line_content(line, len), &matched);

	/* W3C formats begin with lines of directives. */
	if (rc || matched || *line == '#')
		return rc;
	return withhold(split, line, len);
}

typedef int line_fn(struct split *split, const char *line, size_t len);

static int each_line(struct split *split, const char *data, size_t len, line_fn *fn)
{
	const char *end = data + len;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *next = newline ? newline + 1 : end;
		int rc = fn(split, data, (size_t)(next - data));
		if (rc)
			return rc;
		data = next;
	}
	return 0;
}

/* Lines with fields. Those of a private key have none: they are withheld together. */
static int each_record(struct split *split, const char *data, size_t len, line_fn *fn)
{
	const char *end = data + len, *taken = data;
	struct keyline key = {0};
	int rc = 0;

	if (!keyblock_find(data, len))
		return each_line(split, data, len, fn);
	while (data < end && !rc) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *next = newline ? newline + 1 : end;
		size_t n = (size_t)(next - data);
		if (!keyblock_takes(&key, data, n - (newline != NULL))) {
			if (taken < data)
				rc = withhold(split, taken, (size_t)(data - taken));
			rc = rc ? rc : fn(split, data, n);
			taken = next;
		}
		data = next;
	}
	return rc || taken == end ? rc : withhold(split, taken, (size_t)(end - taken));
}

/* The newlines between documents stay outside of them. */
static int each_document(struct split *split, const char *data, size_t len)
{
	struct framer framer = {.framing = FRAME_JSON};
	size_t start = bom_length(data, len);

	while (start < len) {
		size_t end = frame_next(&framer, data, len);
		int rc;

		if (line_content(data + start, end - start)) {
			rc = give_line(split, PIECE_JSON, data + start, end - start);
			if (rc)
				return rc;
		}
		start = end;
	}
	return 0;
}

enum framing split_framing(enum format format)
{
	switch (format) {
	case FORMAT_JSON:
		return FRAME_JSON;
	case FORMAT_CSV:
		return FRAME_CSV;
	case FORMAT_URL:
		return FRAME_LINES;
	default:
		return FRAME_TEXT;
	}
}

enum san_mode split_mode(enum format format, const char *data, size_t len)
{
	if (format == FORMAT_JSON)
		return SAN_JSON;
	if (format == FORMAT_URL)
		return SAN_URL;
	if (format != FORMAT_AUTO)
		return SAN_TEXT;
	return is_json(data, len) ? SAN_JSON : SAN_TEXT;
}

int split_block(struct split *split, const char *data, size_t len)
{
	bool fields = split->plan->n_fields > 0;
	int rc = 0;

	split->pending = data;
	switch (split->format) {
	case FORMAT_AUTO:
		rc = fields ? each_record(split, data, len, auto_line) : 0;
		break;
	case FORMAT_URL:
		rc = each_line(split, data, len, url_line);
		break;
	case FORMAT_JSON:
		rc = each_document(split, data, len);
		break;
	case FORMAT_LOGFMT:
		rc = fields ? each_record(split, data, len, logfmt_line) : 0;
		break;
	case FORMAT_COMBINED:
		rc = fields ? each_record(split, data, len, log_line) : 0;
		break;
	case FORMAT_CSV:
		rc = split_csv(split, data, len);
		break;
	case FORMAT_TEXT:
	case FORMAT_COUNT:
		break;
	}
	return rc ? rc : give_until(split, data + len);
}
