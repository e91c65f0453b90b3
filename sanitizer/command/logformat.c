/*
 * logformat - see logformat.h.
 */
#include "logformat.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Like GoAccess' own, but that the user's name has a name where it has a place. */
static const struct {
	const char *name, *format;
} presets[] = {
    {"COMBINED", "%h %^ %e [%d:%t %^] \"%r\" %s %b \"%R\" \"%u\""},
    {"VCOMBINED", "%v:%^ %h %^ %e [%d:%t %^] \"%r\" %s %b \"%R\" \"%u\""},
    {"COMMON", "%h %^ %e [%d:%t %^] \"%r\" %s %b"},
    {"VCOMMON", "%v:%^ %h %^ %e [%d:%t %^] \"%r\" %s %b"},
    {"W3C", "%d %t %^ %m %U %q %^ %e %h %u %R %s %^ %^ %T"},
    {"SQUID", "%x.%^ %~%T %h %^/%s %b %m %U %e %^ %M"},
    {"CLOUDFRONT", "%d\\t%t\\t%^\\t%b\\t%h\\t%m\\t%v\\t%U\\t%s\\t%R\\t%u\\t%q\\t%^"},
};

/* GoAccess' letters and the names that --field knows them by. */
static const struct {
	char letter;
	const char *name;
} letters[] = {
    {'h', "host"},     {'e', "user"},	  {'v', "vhost"},    {'r', "request"},	{'m', "method"},
    {'U', "url"},      {'q', "query"},	  {'H', "protocol"}, {'s', "status"},	{'b', "bytes"},
    {'R', "referer"},  {'u', "agent"},	  {'d', "date"},     {'t', "time"},	{'x', "datetime"},
    {'D', "duration"}, {'T', "duration"}, {'L', "duration"}, {'n', "duration"}, {'C', "cache"},
    {'K', "tls"},      {'k', "cipher"},	  {'M', "mime"},     {'^', NULL},
};

static int letter_name(char letter, const char **name)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		if (letters[i].letter != letter)
			continue;
		*name = letters[i].name;
		return 0;
	}
	return -1;
}

/* Take one specifier at *text, "%h" or "~h{,\"}". -1: there is none such. */
static int take_part(struct log_part *part, const char **text)
{
	const char *p = *text;

	*part = (struct log_part){0};
	if (p[0] == '~' && p[1] == 'h' && p[2] == '{') {
		const char *end = strchr(p + 3, '}');
		part->name = "host";
		*text = end ? end + 1 : p;
		return end ? 0 : -1;
	}
	if (p[0] != '%' || letter_name(p[1], &part->name))
		return -1;
	*text = p + 2;
	return 0;
}

/* One byte of a literal at p; how many bytes spell it, 0 where a specifier begins. */
static size_t literal_byte(const char *p, char *byte)
{
	*byte = *p;
	if (strncmp(p, "~h{", 3) == 0)
		return 0;
	if (strncmp(p, "%~", 2) == 0 || strncmp(p, "\\t", 2) == 0)
		*byte = *p == '%' ? ' ' : '\t';
	else if (*p == '%' && p[1] != '%')
		return 0;
	else if (*p != '%')
		return *p ? 1 : 0;
	return 2;
}

/* Copy what stands before the next specifier: "%%" is a percent sign, "%~" any blanks. */
static int take_literal(char *literal, size_t size, size_t *len, const char **text)
{
	size_t used;
	char byte;

	*len = 0;
	while ((used = literal_byte(*text, &byte))) {
		/* A run of blanks is one: the cut skips them all. */
		if (byte != ' ' || !*len || literal[*len - 1] != ' ') {
			if (*len == size)
				return -1;
			literal[(*len)++] = byte;
		}
		*text += used;
	}
	return 0;
}

int log_format_make(struct log_format *format, const char *text, struct cause *cause)
{
	for (size_t i = 0; i < sizeof(presets) / sizeof(*presets); i++)
		if (strcasecmp(text, presets[i].name) == 0)
			text = presets[i].format;
	*format = (struct log_format){0};
	if (take_literal(format->lead, sizeof(format->lead), &format->lead_len, &text))
		return cause_set(cause, "--log-format: a literal of more than 15 bytes");
	while (*text) {
		struct log_part *part = &format->parts[format->n];
		if (format->n == LOG_PARTS)
			return cause_set(cause, "--log-format: more than %d fields", LOG_PARTS);
		if (take_part(part, &text))
			return cause_set(cause, "--log-format: not a specifier of GoAccess: '%.3s'",
					 text);
		if (take_literal(part->literal, sizeof(part->literal), &part->literal_len, &text))
			return cause_set(cause, "--log-format: a literal of more than 15 bytes");
		if (*text && !part->literal_len)
			return cause_set(cause, "--log-format: nothing between two fields");
		format->n++;
	}
	if (!format->n)
		return cause_set(cause, "--log-format: no format's name, and no field in it");
	return 0;
}

/* First literal at or after p that is not escaped by a backslash inside quotes. */
static const char *find_literal(const struct log_part *part, const char *p, const char *end)
{
	bool quoted = part->literal[0] == '"';

	while (p < end) {
		const char *hit = memmem(p, (size_t)(end - p), part->literal, part->literal_len);
		const char *back = hit;
		if (!hit || !quoted)
			return hit;
		while (back > p && back[-1] == '\\')
			back--;
		if ((hit - back) % 2 == 0)
			return hit;
		p = hit + 1;
	}
	return NULL;
}

int log_format_cut(const struct log_format *format, const char *line, size_t len,
		   struct log_value *values)
{
	const char *p = line, *end = line + len;
	int n = 0;

	if (len < format->lead_len || memcmp(p, format->lead, format->lead_len))
		return -1;
	p += format->lead_len;
	for (size_t i = 0; i < format->n; i++) {
		const struct log_part *part = &format->parts[i];
		const char *stop = part->literal_len ? find_literal(part, p, end) : end;
		if (!stop)
			return -1;
		if (part->name)
			values[n++] = (struct log_value){part->name, p, (size_t)(stop - p)};
		p = stop + part->literal_len;
		while (part->literal_len && part->literal[part->literal_len - 1] == ' ' &&
		       p < end && *p == ' ')
			p++;
	}
	return n;
}
