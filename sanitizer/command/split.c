/*
 * split - see split.h. In auto format one look at a line's first bytes decides:
 * a brace makes it a JSON document, a slash or a scheme a URL if it is all of the
 * line. All others stay in one run of text.
 */
#include "split.h"

#include <string.h>

/* A URL scheme is looked for in so many bytes. */
#define SCHEME_MAX 16

size_t line_content(const char *line, size_t len)
{
	if (len && line[len - 1] == '\n')
		len--;
	if (len && line[len - 1] == '\r')
		len--;
	return len;
}

int split_until(struct split *split, const char *upto)
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
	int rc = split_until(split, piece->start);

	if (rc)
		return rc;
	split->pending = piece->start + piece->len + piece->tail;
	return split->give(split->context, piece);
}

static bool has_scheme(const char *line, size_t len)
{
	for (size_t i = 0; i + 2 < len && i < SCHEME_MAX; i++) {
		char c = line[i];
		if (c == ':')
			return i && line[i + 1] == '/' && line[i + 2] == '/';
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
		      c == '.' || (i && c >= '0' && c <= '9')))
			return false;
	}
	return false;
}

static bool is_url(const char *line, size_t len)
{
	if (len < 2 || (line[0] != '/' && !has_scheme(line, len)))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] <= ' ' || line[i] == '"' || line[i] == '<')
			return false;
	return true;
}

static bool is_json(const char *line, size_t len)
{
	if (len < 2)
		return false;
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
	if (is_url(line, content))
		return give_line(split, PIECE_URL, line, len);
	if (!split->plan->n_fields)
		return 0;
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

/* A line of another shape is withheld where a rule takes fields away: they may be in it. */
static int log_line(struct split *split, const char *line, size_t len)
{
	static const struct field_rule withhold = {"line", FIELD_REDACT};
	struct piece piece = {.kind = PIECE_FIELD, .start = line, .field = &withhold};
	bool matched = false;
	int rc;

	piece.len = line_content(line, len);
	rc = split_log_line(split, line, piece.len, &matched);
	if (rc || matched || !piece.len)
		return rc;
	for (size_t i = 0; i < split->plan->n_fields; i++)
		if (split->plan->fields[i].action != FIELD_KEEP)
			return split_give(split, &piece);
	return 0;
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

/* The newlines between documents stay outside of them. */
static int each_document(struct split *split, const char *data, size_t len)
{
	struct framer framer = {.framing = FRAME_JSON};
	size_t start = 0;

	while (start < len) {
		size_t end = frame_first(&framer, data, len);
		int rc;

		if (!end)
			end = len;
		if (line_content(data + start, end - start)) {
			rc = give_line(split, PIECE_JSON, data + start, end - start);
			if (rc)
				return rc;
		}
		start = end;
	}
	return 0;
}

enum framing split_framing(const struct plan *plan)
{
	if (plan->format == FORMAT_JSON)
		return FRAME_JSON;
	return plan->format == FORMAT_CSV ? FRAME_CSV : FRAME_LINES;
}

enum san_mode split_mode(const struct plan *plan, const char *data, size_t len)
{
	if (plan->format == FORMAT_JSON)
		return SAN_JSON;
	if (plan->format == FORMAT_URL)
		return SAN_URL;
	if (plan->format != FORMAT_AUTO)
		return SAN_TEXT;
	return is_json(data, len) ? SAN_JSON : is_url(data, len) ? SAN_URL : SAN_TEXT;
}

int split_block(struct split *split, const char *data, size_t len)
{
	bool fields = split->plan->n_fields > 0;
	int rc = 0;

	split->pending = data;
	switch (split->plan->format) {
	case FORMAT_AUTO:
		rc = each_line(split, data, len, auto_line);
		break;
	case FORMAT_URL:
		rc = each_line(split, data, len, url_line);
		break;
	case FORMAT_JSON:
		rc = each_document(split, data, len);
		break;
	case FORMAT_LOGFMT:
		rc = fields ? each_line(split, data, len, logfmt_line) : 0;
		break;
	case FORMAT_COMBINED:
		rc = fields ? each_line(split, data, len, log_line) : 0;
		break;
	case FORMAT_CSV:
		rc = split_csv(split, data, len);
		break;
	case FORMAT_TEXT:
	case FORMAT_COUNT:
		break;
	}
	return rc ? rc : split_until(split, data + len);
}
