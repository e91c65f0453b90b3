/*
 * query - lengths are those that URLSearchParams would give: "+" and "%20" are one
 * character, so is a UTF-8 sequence in escapes, and each byte that belongs to none.
 */
#include "query.h"

#include <string.h>

#include "url.h"
#include "utf8.h"

#define NAME_MAX_BYTES 16

static const char *const names[] = {
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid",
    "fbclid",	  "msclkid",	"ttclid",	"li_fat_id",   "twclid",
};

/* The byte at i, decoded; *bytes: how many of the text it takes. */
static char decode(struct text text, size_t i, size_t *bytes)
{
	int byte = text_escape(text, i);

	*bytes = byte < 0 ? 1 : 3;
	return byte < 0 ? text.data[i] : (char)byte;
}

static bool is_kept_apart(struct text name)
{
	char decoded[NAME_MAX_BYTES];
	size_t n = 0, bytes;

	for (size_t i = 0; i < name.len; i += bytes) {
		if (n == sizeof(decoded))
			return false;
		decoded[n++] = decode(name, i, &bytes);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is((struct text){decoded, n}, names[i]))
			return true;
	return false;
}

/* Bytes of the text that the character at i takes. */
static size_t character_at(struct text text, size_t i)
{
	char decoded[4];
	size_t ends[4], n, bytes, sequence;

	for (n = 0; n < 4 && i < text.len; n++, i += bytes) {
		decoded[n] = decode(text, i, &bytes);
		ends[n] = bytes + (n ? ends[n - 1] : 0);
	}
	sequence = utf8_sequence(decoded, n);
	return ends[sequence ? sequence - 1 : 0];
}

static struct text cut_value(struct text value)
{
	size_t i = 0;

	if (value.len <= QUERY_VALUE_LONGEST)
		return value;
	for (int n = 0; n < QUERY_VALUE_LONGEST && i < value.len; n++)
		i += character_at(value, i);
	return text_shorten(value, i);
}

static void put_parameter(struct writer *writer, struct text parameter, bool *cut)
{
	const char *equals = memchr(parameter.data, '=', parameter.len);
	struct text name = parameter, value, kept;

	if (equals)
		name.len = (size_t)(equals - parameter.data);
	value = (struct text){parameter.data + name.len, parameter.len - name.len};
	if (!equals || !is_kept_apart(name)) {
		writer_add(writer, parameter.data, parameter.len);
		return;
	}
	value.data++;
	value.len--;
	kept = cut_value(value);
	*cut |= kept.len < value.len;
	writer_add(writer, name.data, name.len + 1);
	writer_add(writer, kept.data, kept.len);
}

struct text query_cut(struct arena *arena, struct text url, bool *cut)
{
	struct text query = url_query(url);
	const char *p = query.data, *end, *and;
	struct writer writer;

	*cut = false;
	if (query.len <= QUERY_VALUE_LONGEST)
		return url;
	end = p + query.len;
	writer_init(&writer, arena, url.len);
	writer_add(&writer, url.data, (size_t)(p - url.data));
	for (; p < end; p = and) {
		and = memchr(p, '&', (size_t)(end - p));
		if (!and)
			and = end;
		put_parameter(&writer, (struct text){p, (size_t)(and-p)}, cut);
		if (and < end)
			writer_addc(&writer, *and++);
	}
	writer_add(&writer, end, (size_t)(url.data + url.len - end));
	return writer_ok(&writer) ? writer_text(&writer) : (struct text){NULL, 0};
}
