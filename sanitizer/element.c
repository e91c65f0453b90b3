/*
 * element - names that stand elsewhere than before a separator: in an attribute of the
 * same element, in the object around, in the element that the text fills.
 *
 *   <meta name="csrf-token" content="x">       <entry key="db.password">x</entry>
 *   {"name":"X-Api-Key","value":"x"}           <setting name="Pin"><value>x</value></setting>
 *   <wsse:Password Type="#PasswordText">x</wsse:Password>
 *   <key>apiToken</key><string>x</string>      <name>password</name><value>x</value>
 */
#include "chars.h"
#include "document.h"
#include "ruleset.h"
#include "validate.h"
#include "value.h"
#include "word.h"

#include <string.h>

#define ELEMENT_MAX 160

/* What attributes and keys are called that name something; the first counts most. */
static const struct namer {
	const char *text;
	unsigned char len;
} namers[] = {{"name", 4}, {"Name", 4}, {"key", 3}, {"Key", 3}, {"property", 8}, {"id", 2}};
enum { KEYS = 4, ATTRIBUTES = 6 };

/* How a namer is written: ` name=`, `"name":`, `name: ` behind no byte of a name. */
enum writing { ATTRIBUTE, QUOTED_KEY, BARE_KEY };

/* Do the two bytes before `end` end one of them? */
static bool may_be_namer(const unsigned char *end)
{
	switch (end[-1]) {
	case 'e':
		return end[-2] == 'm';
	case 'y':
		return end[-2] == 'e' || end[-2] == 't';
	default:
		return end[-1] == 'd' && end[-2] == 'i';
	}
}

static bool ends_in(const unsigned char *end, size_t most, const struct namer *namer)
{
	return namer->len <= most && end[-1] == namer->text[namer->len - 1] &&
	       !memcmp(end - namer->len, namer->text, namer->len);
}

static bool is_written_so(const unsigned char *s, size_t from, size_t start, size_t mark, size_t to,
			  enum writing writing)
{
	unsigned char before = start > from ? s[start - 1] : 0;
	size_t behind = mark + 1;

	switch (writing) {
	case ATTRIBUTE:
		return before == ' ';
	case QUOTED_KEY: /* a value may be called so, too */
		while (behind < to && is_blank(s[behind]))
			behind++;
		return before == s[mark] && behind < to && s[behind] == ':';
	case BARE_KEY:
		return !(before && name_byte(before)) && behind < to && s[behind] == ' ';
	}
	return false;
}

/*
 * In s[from, to) the mark (`=`, a quote, `:`) behind the most important of the first n namers that
 * are written so, at its first place; `to`: there is none.
 */
static size_t namer_mark(const unsigned char *s, size_t from, size_t to, unsigned char mark,
			 enum writing writing, size_t n)
{
	size_t found = to, at = from;

	for (; n > 0 && at < to; at++) {
		const unsigned char *next = memchr(s + at, mark, to - at);
		at = next ? (size_t)(next - s) : to;
		if (!next || at - from < 2 || !may_be_namer(s + at))
			continue;
		for (size_t k = 0; k < n; k++) {
			if (!ends_in(s + at, at - from, &namers[k]) ||
			    !is_written_so(s, from, at - namers[k].len, at, to, writing))
				continue;
			found = at;
			n = k;
		}
	}
	return found;
}

/* What the name at i, perhaps quoted, says. */
static enum name_kind kind_behind(struct san_scanner *scanner, const struct record *r, size_t i,
				  size_t to)
{
	size_t name = i + (i < to && is_quote(r->s[i])), end = name;

	while (end < to && name_byte(r->s[end]))
		end++;
	return end > name ? kind_of(scanner, r, &name, end) : NAME_PLAIN;
}

/* What the name of an element says, given as an attribute in [from, to). */
static enum name_kind attribute_kind(struct san_scanner *scanner, const struct record *r,
				     size_t from, size_t to)
{
	size_t mark = namer_mark(r->s, from, to, '=', ATTRIBUTE, ATTRIBUTES);

	return mark < to ? kind_behind(scanner, r, mark + 1, to) : NAME_PLAIN;
}

/* `<meta name="csrf-token" content="x">`, `<input value="x" name="csrf-token">` */
static enum name_kind element_kind(struct san_scanner *scanner, const struct record *r,
				   size_t start, size_t end)
{
	size_t from = start, least = start > ELEMENT_MAX ? start - ELEMENT_MAX : 0, to, most;

	while (from > least && r->s[from - 1] != '<' && r->s[from - 1] != '>')
		from--;
	if (from == 0 || r->s[from - 1] != '<')
		return NAME_PLAIN;
	enum name_kind kind = attribute_kind(scanner, r, from, start);
	if (kind != NAME_PLAIN || end + 1 >= r->n || !is_quote(r->s[end + 1]))
		return kind;
	most = r->n - end > 4 * ELEMENT_MAX ? end + 4 * ELEMENT_MAX : r->n;
	for (to = end + 2; to < most && r->s[to] != r->s[end + 1]; to++)
		;
	for (from = to; to < most && to - from < ELEMENT_MAX && r->s[to] != '>'; to++)
		;
	return attribute_kind(scanner, r, from, to);
}

/* `{"name":"X-Api-Key","value":"x"}`: what the object says before that the value is of. */
static enum name_kind object_kind(struct san_scanner *scanner, const struct record *r, size_t quote)
{
	size_t from = quote, least = quote > ELEMENT_MAX ? quote - ELEMENT_MAX : 0, i;

	while (from > least && r->s[from - 1] != '{' && r->s[from - 1] != '}')
		from--;
	if (from == 0 || r->s[from - 1] != '{')
		return NAME_PLAIN;
	i = namer_mark(r->s, from, quote, r->s[quote], QUOTED_KEY, KEYS);
	for (i++; i < quote && (is_blank(r->s[i]) || r->s[i] == ':'); i++)
		;
	return i < quote ? kind_behind(scanner, r, i, quote) : NAME_PLAIN;
}

/* Behind the last c in [from, to); from: there is none. */
static size_t behind_last(const struct record *r, unsigned char c, size_t from, size_t to)
{
	const unsigned char *last = memrchr(r->s + from, c, to - from);

	return last ? (size_t)(last - r->s) + 1 : from;
}

/* `name: DB_PASSWORD, value: x` in one line, without quotes around `name` and `value`. */
static enum name_kind line_kind(struct san_scanner *scanner, const struct record *r, size_t value)
{
	size_t least = value > ELEMENT_MAX ? value - ELEMENT_MAX : 0,
	       from = behind_last(r, '}', behind_last(r, '\n', least, value), value), mark;

	mark = namer_mark(r->s, from, value, ':', BARE_KEY, KEYS);
	return mark < value ? kind_behind(scanner, r, mark + 2, value) : NAME_PLAIN;
}

/* `value` and `content` are what the element or object around them says. */
enum name_kind kind_of_value(struct san_scanner *scanner, const struct record *r, size_t start,
			     size_t end)
{
	if (end == r->n)
		return NAME_PLAIN;
	if (start > 0 && is_quote(r->s[end]) && r->s[start - 1] == r->s[end])
		return object_kind(scanner, r, start - 1);
	if (r->s[end] == ':')
		return end - start == strlen("value") ? line_kind(scanner, r, start) : NAME_PLAIN;
	return r->s[end] == '=' ? element_kind(scanner, r, start, end) : NAME_PLAIN;
}

/* The end of the name of the tag at `at`; *name: where it begins, behind its prefix. */
static size_t tag_end(const struct record *r, size_t at, size_t *name)
{
	size_t i = at + 1, from = i;

	for (; i < r->n && i - from < 64 && (name_byte(r->s[i]) || r->s[i] == ':'); i++)
		if (r->s[i] == ':')
			from = i + 1;
	*name = from;
	return i;
}

/*
 * Behind `<tag name="`, whichever attribute names things, with that alone in the tag, whose name
 * ends at i; 0: none.
 */
static size_t named_tag(const struct record *r, size_t at, size_t i)
{
	static const char *const attributes[] = {"name=", "key=", "property="};

	if (i - at > 32 || i == at + 1)
		return 0;
	for (size_t k = 0; k < sizeof(attributes) / sizeof(*attributes); k++) {
		size_t len = strlen(attributes[k]);
		if (r->n - i > len + 1 && !memcmp(r->s + i + 1, attributes[k], len) &&
		    is_quote(r->s[i + 1 + len]))
			return i + len + 2;
	}
	return 0;
}

/* Behind a `<value>` that stands there, blanks around it. */
static size_t inner_tag(const struct record *r, size_t i)
{
	size_t to = i;

	while (to < r->n && is_space(r->s[to]))
		to++;
	if (r->n - to > 7 && !memcmp(r->s + to, "<value>", 7))
		return to + 7;
	return i;
}

/* Is it a tag that holds a setting's value, whose '<' is at `at`? */
static bool holds_setting(const struct record *r, size_t at)
{
	static const struct words tags = {{[3] = "var ",
					   [4] = "prop ",
					   [5] = "entry param value ",
					   [7] = "setting ",
					   [8] = "property ",
					   [9] = "attribute parameter "}};
	size_t tag = at + 1;

	while (is_alnum(r->s[tag]))
		tag++;
	return is_word(&tags, r->s + at + 1, tag - at - 1);
}

/* `<string name="password">Your password</string>` holds a text for people to read. */
static bool is_for_people(const struct record *r, struct bounds text)
{
	bool digit = false, blank = false;

	for (size_t i = text.start; i < text.end; i++) {
		digit |= is_digit(r->s[i]);
		blank |= is_blank(r->s[i]);
	}
	return !digit || blank;
}

/* Behind the tag whose attributes begin at i; 0: it has no text. */
static size_t behind_attributes(const struct record *r, size_t i)
{
	size_t most = r->n - i > 4 * ELEMENT_MAX ? i + 4 * ELEMENT_MAX : r->n;
	unsigned char quote = 0;

	for (; i < most; i++) {
		unsigned char c = r->s[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '<' || c == '>')
			return c == '>' && r->s[i - 1] != '/' ? i + 1 : 0;
	}
	return 0;
}

#define CDATA "<![CDATA["
#define CDATA_LEN (sizeof(CDATA) - 1)

/* Behind the beginning of a CDATA section at i, blanks before it; 0: there is none. */
static size_t behind_cdata(const struct record *r, size_t i)
{
	while (i < r->n && is_space(r->s[i]))
		i++;
	return r->n - i > CDATA_LEN && !memcmp(r->s + i, CDATA, CDATA_LEN) ? i + CDATA_LEN : 0;
}

/* The text of an element from i on, which a tag or the end of a CDATA section ends. */
static bool element_text(const struct record *r, size_t i, struct bounds *text)
{
	size_t end = i, cdata = behind_cdata(r, i);

	if (cdata) {
		const unsigned char *close = memmem(r->s + cdata, r->n - cdata, "]]>", 3);
		*text = (struct bounds){cdata, close ? (size_t)(close - r->s) : r->n};
		return true;
	}
	while (end < r->n && r->s[end] != '<' && r->s[end] != '\n')
		end++;
	*text = (struct bounds){i, end};
	return end < r->n && r->s[end] == '<';
}

static bool text_taken(struct san_scanner *scanner, struct record *r, struct bounds text)
{
	if (value_stays(r->s + text.start, text.end - text.start))
		return false;
	piece_add(scanner, r, text.start, text.end, SAN_SECRET, "name");
	return true;
}

/* A tag that is a name, up to `end`, with attributes or behind a prefix. */
static bool tag_text_at(struct san_scanner *scanner, struct record *r, size_t name, size_t end)
{
	struct bounds v;
	size_t text;

	if (end == name || !name_may_end(&scanner->rules->tails, r->s, end))
		return false;
	enum name_kind kind = kind_of(scanner, r, &name, end);
	text = kind == NAME_PHONE ? behind_attributes(r, end) : 0;
	if (text)
		return phone_value(scanner, r, &(struct pair){0}, text - 1);
	if (!name_is_secret(kind))
		return false;
	text = behind_attributes(r, end);
	return text && element_text(r, text, &v) &&
	       (behind_cdata(r, text) || (r->n - v.end > 1 && r->s[v.end + 1] == '/')) &&
	       text_taken(scanner, r, v);
}

/* Behind the tag at i, blanks before it, that holds a value; 0: none does. */
static size_t behind_value_tag(const struct record *r, size_t i)
{
	size_t end;

	while (i < r->n && is_space(r->s[i]))
		i++;
	for (end = i + 1; end < r->n && end - i < 32 && name_byte(r->s[end]); end++)
		;
	if (end >= r->n || r->s[i] != '<' || r->s[end] != '>' || end - i < 6)
		return 0;
	if (!memcmp(r->s + end - 5, "value", 5) || !memcmp(r->s + end - 5, "Value", 5) ||
	    !memcmp(r->s + i, "<string", 7))
		return end + 1;
	return 0;
}

/* `<name>password</name><value>x</value>`, whose first tag ends at i. */
static bool named_by_text(struct san_scanner *scanner, struct record *r, size_t i)
{
	size_t name = i + 1, end = name, from;
	struct bounds text;

	while (end < r->n && end - name < 64 && name_byte(r->s[end]))
		end++;
	if (end == name || r->n - end < 2 || r->s[end] != '<' || r->s[end + 1] != '/' ||
	    credential_like(r->s + name, end - name))
		return false;
	for (from = end; from < r->n && from - end < 32 && r->s[from] != '>'; from++)
		;
	from = from < r->n ? behind_value_tag(r, from + 1) : 0;
	if (!from)
		return false;
	enum name_kind kind = kind_of(scanner, r, &name, end);
	if (!name_is_secret(kind))
		return false;
	size_t inner = behind_value_tag(r, from);
	(void)element_text(r, inner ? inner : from, &text); /* one that is cut off goes too */
	if (inner == 0 && r->s[from - 2] == 'g' && is_for_people(r, text))
		return false;
	return text_taken(scanner, r, text);
}

/* `<name>`, `<param-name>`, `<key>`: is what the tag that ends at `end` holds a name? */
static bool tag_names(const struct record *r, size_t at, size_t end)
{
	return (end - at > 4 && !memcmp(r->s + end - 4, "name", 4)) ||
	       (end - at > 3 &&
		(!memcmp(r->s + end - 3, "key", 3) || !memcmp(r->s + end - 3, "Key", 3)));
}

bool element_text_at(struct san_scanner *scanner, struct record *r, size_t at, size_t *tag)
{
	size_t prefixed, name, end = tag_end(r, at, &prefixed);
	struct bounds text;

	*tag = end;
	if (end == r->n || (r->s[end] != ' ' && r->s[end] != '>') ||
	    scanner->rules->options.action[SAN_SECRET] == SAN_KEEP)
		return false;
	if (r->s[end] == '>' && tag_names(r, at, end) && named_by_text(scanner, r, end))
		return true;
	if (r->s[end] == '>' && prefixed == at + 1 && !behind_cdata(r, end + 1))
		return false;
	name = r->s[end] == ' ' ? named_tag(r, at, end) : 0;
	if (!name)
		return tag_text_at(scanner, r, prefixed, end);
	for (end = name; end < r->n && end - name < 64 && name_byte(r->s[end]); end++)
		;
	if (end == name || end + 2 >= r->n || r->s[end] != r->s[name - 1] ||
	    !(r->s[end + 1] == '>' || (r->s[end + 1] == ' ' && holds_setting(r, at))) ||
	    credential_like(r->s + name, end - name))
		return false;
	size_t behind = behind_attributes(r, end + 1);
	if (!behind)
		return false;
	enum name_kind kind = kind_of(scanner, r, &name, end);
	if (!name_is_secret(kind))
		return false;
	return element_text(r, inner_tag(r, behind), &text) &&
	       (holds_setting(r, at) || !is_for_people(r, text)) && text_taken(scanner, r, text);
}
