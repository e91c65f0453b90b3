/*
 * query - lengths are those that URLSearchParams would give: "+" and "%20" are one
 * character, so is a UTF-8 sequence in escapes, and each byte that belongs to none.
 */
#include "query.h"

#include <string.h>

#include "clickid.h"
#include "utf8.h"

#define NAME_MIN_BYTES 5
#define NAME_MAX_BYTES 16

enum kind { OTHER, UTM, CLICK_ID };

#define NAME(name, kind)                                                                           \
	{                                                                                          \
		name, sizeof(name) - 1, kind                                                       \
	}

static const struct {
	const char *name;
	size_t len;
	enum kind kind;
} names[] = {
    NAME("utm_source", UTM),  NAME("utm_medium", UTM),	   NAME("utm_campaign", UTM),
    NAME("utm_content", UTM), NAME("utm_term", UTM),
};

#undef NAME

/* The byte at i, decoded; *bytes: how many of the text it takes. */
static char decode(struct text text, size_t i, size_t *bytes)
{
	int byte = text_escape(text, i);

	*bytes = byte < 0 ? 1 : 3;
	return byte < 0 ? text.data[i] : (char)byte;
}

/* The name, decoded and in lower case; *len 0 where it is longer than any that is known. */
static void decode_name(char out[NAME_MAX_BYTES], size_t *len, struct text name)
{
	size_t bytes;

	*len = 0;
	for (size_t i = 0; i < name.len; i += bytes) {
		char c = decode(name, i, &bytes);

		if (*len == NAME_MAX_BYTES) {
			*len = 0;
			return;
		}
		out[(*len)++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
}

static enum kind kind_of(struct text name)
{
	char decoded[NAME_MAX_BYTES];
	size_t n;

	if (name.len < NAME_MIN_BYTES)
		return OTHER;
	decode_name(decoded, &n, name);
	if (clickid_is_name(decoded, n))
		return CLICK_ID;
	for (size_t i = 0; n > 0 && i < sizeof(names) / sizeof(names[0]); i++)
		if (n == names[i].len && memcmp(decoded, names[i].name, n) == 0)
			return names[i].kind;
	return OTHER;
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

static bool is_allowed(const struct query_rule *rule, struct text name)
{
	if (rule->keep != QUERY_ALLOW)
		return rule->keep == QUERY_CLEANED;
	for (size_t i = 0; i < rule->allow->n; i++)
		if (text_is(name, rule->allow->items[i]))
			return true;
	return false;
}

/* separator: what stands before it, if it stays. */
static bool put_parameter(struct writer *writer, char separator, struct text parameter,
			  const struct query_rule *rule, struct query_change *change)
{
	const char *equals = memchr(parameter.data, '=', parameter.len);
	struct text name = parameter, value, kept;
	enum kind kind;

	if (equals)
		name.len = (size_t)(equals - parameter.data);
	kind = kind_of(name);
	if (kind == CLICK_ID && !rule->click_ids) {
		change->click_ids = true;
		return false;
	}
	if (!is_allowed(rule, name)) {
		change->dropped = true;
		return false;
	}
	writer_addc(writer, separator);
	value = (struct text){parameter.data + name.len, parameter.len - name.len};
	kept = equals && kind != OTHER ? cut_value((struct text){value.data + 1, value.len - 1})
				       : (struct text){value.data + !!equals, value.len - !!equals};
	change->cut |= kept.len + !!equals < value.len;
	writer_add(writer, name.data, name.len + !!equals);
	writer_add(writer, kept.data, kept.len);
	return true;
}

/* Without a parameter left the "?" goes as well; an empty query stays as it is. */
static void put_query(struct writer *writer, struct text query, const struct query_rule *rule,
		      struct query_change *change)
{
	const char *p = query.data, *end = p + query.len, *and;
	char separator = '?';

	if (query.len == 0)
		writer_addc(writer, separator);
	for (; p < end; p = and+(and < end)) {
		and = memchr(p, '&', (size_t)(end - p));
		if (!and)
			and = end;
		if (put_parameter(writer, separator, (struct text){p, (size_t)(and-p)}, rule,
				  change))
			separator = '&';
	}
}

/* text up to its "?", then its query. */
static void put_part(struct writer *writer, struct text text, const struct query_rule *rule,
		     struct query_change *change)
{
	const char *mark = text.len ? memchr(text.data, '?', text.len) : NULL;
	size_t head = mark ? (size_t)(mark - text.data) : text.len;

	writer_add(writer, text.data, head);
	if (mark)
		put_query(writer, (struct text){mark + 1, text.len - head - 1}, rule, change);
}

/*
 * Nothing would change in what follows the first "?"; most queries stay, and looking costs less
 * than writing them anew. Every '?' and '&' counts as a name's beginning: some are none.
 */
static bool stays(struct text query, const struct query_rule *rule)
{
	const char *p = query.data, *end = p + query.len;

	while (rule->keep == QUERY_CLEANED && p < end) {
		const char *start = ++p;

		while (p < end && *p != '=' && *p != '&' && *p != '#' && *p != '?')
			p++;
		if (kind_of((struct text){start, (size_t)(p - start)}) != OTHER)
			return false;
		while (p < end && *p != '&' && *p != '?')
			p++;
	}
	return p == end;
}

struct text query_clean(struct arena *arena, struct text url, const struct query_rule *rule,
			struct query_change *change)
{
	const char *hash, *mark = memchr(url.data, '?', url.len);
	struct writer writer;
	size_t head = url.len;

	*change = (struct query_change){false, false, false};
	if (!mark || stays((struct text){mark, (size_t)(url.data + url.len - mark)}, rule))
		return url;
	hash = memchr(url.data, '#', url.len);
	if (hash)
		head = (size_t)(hash - url.data);
	writer_init(&writer, arena, url.len);
	put_part(&writer, (struct text){url.data, head}, rule, change);
	if (hash)
		put_part(&writer, (struct text){hash, url.len - head}, rule, change);
	if (!writer_ok(&writer))
		return (struct text){NULL, 0};
	return change->cut || change->click_ids || change->dropped ? writer_text(&writer) : url;
}
