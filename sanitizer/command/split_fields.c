/*
 * split_fields - find the fields that have rules in logfmt and in log lines.
 */
#include <string.h>

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
	const char *p = line, *end = line + len;

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

int split_log_line(struct split *split, const char *line, size_t len, bool *matched)
{
	struct log_value values[LOG_PARTS];
	int n = log_format_cut(&split->plan->log, line, len, values);

	*matched = n >= 0;
	for (int i = 0; i < n; i++) {
		const struct field_rule *field =
		    plan_field(split->plan, values[i].name, strlen(values[i].name));
		int rc = field ? give_field(split, field, values[i].start, values[i].len, "-") : 0;
		if (rc)
			return rc;
	}
	return 0;
}
