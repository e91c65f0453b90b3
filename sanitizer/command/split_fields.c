/*
 * split_fields - find the fields that have rules in logfmt and in log lines.
 */
#include <string.h>
#include <strings.h>

#include "split.h"

static int give_field(struct split *split, const struct field_rule *field, const char *start,
		      size_t len, const char *empty)
{
	struct piece piece = {
	    .kind = PIECE_FIELD, .start = start, .len = len, .field = field, .empty = empty};

	return split_give(split, &piece);
}

/* End of a value at p: of the quoted string with escapes, else the next blank. */
static const char *value_end(const char *p, const char *end, bool *closed)
{
	bool quoted = p < end && *p == '"';

	*closed = true;
	for (p += quoted; p < end; p++) {
		if (quoted && *p == '\\' && p + 1 < end)
			p++;
		else if (quoted ? *p == '"' : *p == ' ' || *p == '\t')
			return quoted ? p + 1 : p;
	}
	*closed = !quoted;
	return end;
}

/* Without the quotes, but for a drop, which takes the key and a blank too. */
static int give_pair(struct split *split, const struct field_rule *field, const char *key,
		     const char *value, const char *end, const char *line_end, bool closed)
{
	bool quoted = value < end && *value == '"';

	if (field->action == FIELD_DROP) {
		if (key > split->pending && key[-1] == ' ')
			key--;
		else if (end < line_end && *end == ' ')
			end++;
		return give_field(split, field, key, (size_t)(end - key), "");
	}
	value += quoted;
	end -= quoted && closed && end > value;
	return give_field(split, field, value, (size_t)(end - value), "");
}

int split_logfmt_line(struct split *split, const char *line, size_t len)
{
	const char *p = line + bom_length(line, len), *end = line + len;

	while (p < end) {
		const struct field_rule *field;
		const char *key = p, *value;
		bool closed;
		int rc;

		while (p < end && *p != '=' && *p != ' ' && *p != '\t')
			p++;
		if (p == end || *p != '=' || p == key) {
			p += p < end;
			continue;
		}
		field = plan_field(split->plan, key, (size_t)(p - key));
		value = p + 1;
		p = value_end(value, end, &closed);
		if (!field)
			continue;
		rc = give_pair(split, field, key, value, p, end, closed);
		if (rc)
			return rc;
	}
	return 0;
}

static int give_named(struct split *split, const char *name, const char *start, size_t len)
{
	const struct field_rule *field = plan_field(split->plan, name, strlen(name));

	return field ? give_field(split, field, start, len, "-") : 0;
}

/* A URL is taken with its query; else that may be a field. A drop takes its question mark. */
static int give_url(struct split *split, const char *start, size_t len)
{
	const struct field_rule *url = plan_field(split->plan, "url", 3);
	const struct field_rule *query = plan_field(split->plan, "query", 5);
	const char *mark = memchr(start, '?', len), *end = start + len;
	int rc;

	if (!mark || !query || (url && url->action != FIELD_KEEP))
		return url ? give_field(split, url, start, len, "-") : 0;
	rc = url ? give_field(split, url, start, (size_t)(mark - start), "-") : 0;
	if (rc)
		return rc;
	mark += query->action != FIELD_DROP;
	return give_field(split, query, mark, (size_t)(end - mark), "");
}

/* What stands for a part that was taken away. */
static bool is_mark(const char *part, size_t len)
{
	return (len == 1 && *part == '-') || (len > 2 && *part == '[' && part[len - 1] == ']');
}

/* Of the method that a request begins with, or 0. */
static size_t method_length(const char *request, size_t len)
{
	const char *blank = memchr(request, ' ', len);
	size_t n = 0;

	if (!blank)
		return 0;
	len = (size_t)(blank - request);
	while (n < len && (request[n] | 32) >= 'a' && (request[n] | 32) <= 'z')
		n++;
	return n == len || is_mark(request, len) ? len : 0;
}

/* Of the version at the end, or 0. */
static size_t protocol_length(const char *request, size_t len)
{
	const char *blank = memrchr(request, ' ', len), *end = request + len;
	size_t n = blank ? (size_t)(end - blank - 1) : 0;

	return n && (is_mark(blank + 1, n) || (n > 5 && !strncasecmp(blank + 1, "HTTP/", 5))) ? n
											      : 0;
}

/* "GET /path?query HTTP/1.1" */
static int give_request(struct split *split, const char *start, size_t len)
{
	size_t method = method_length(start, len), protocol, skip = method + (method > 0);
	const char *target = start + skip, *end = start + len;
	int rc = method ? give_named(split, "method", start, method) : 0;

	protocol = protocol_length(target, len - skip);
	if (protocol)
		end -= protocol + 1;
	if (!rc && target < end)
		rc = give_url(split, target, (size_t)(end - target));
	if (!rc && protocol)
		rc = give_named(split, "protocol", end + 1, protocol);
	return rc;
}

static int give_value(struct split *split, const struct log_value *value)
{
	if (strcmp(value->name, "url") == 0)
		return give_url(split, value->start, value->len);
	if (strcmp(value->name, "request") == 0 && !plan_field(split->plan, "request", 7))
		return give_request(split, value->start, value->len);
	return give_named(split, value->name, value->start, value->len);
}

int split_log_line(struct split *split, const char *line, size_t len, bool *matched)
{
	struct log_value values[LOG_PARTS];
	int n = log_format_cut(&split->plan->log, line, len, values), rc = 0;

	*matched = n >= 0;
	for (int i = 0; i < n && !rc; i++)
		rc = give_value(split, &values[i]);
	return rc;
}
