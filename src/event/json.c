/*
 * json - a strict reader, recursive to a fixed depth, that allocates nodes only.
 *
 * Not cJSON, though the rest of tamis reads answers with it: here every deviation
 * from JSON.parse would be a hole or a lost visitor, and there are many (strings end
 * at \u0000, lone surrogates are errors, "\uZZZZ", "01" and control characters are
 * not, numbers end after 63 characters). Ruling them out takes a pass over the
 * text that is as long as reading it; its allocator is a setting of the whole
 * process, which the library's callers may use too. The fuzzer holds both against
 * each other.
 */
#include "json.h"

#include <string.h>

#include "ascii.h"
#include "text.h"
#include "utf8.h"

struct reader {
	struct arena *arena;
	const char *p;
	const char *end;
	unsigned depth;
	size_t values; /* that may still come */
	enum status status;
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static bool fail(struct reader *reader, enum status status)
{
	if (reader->status == ST_OK)
		reader->status = status;
	return false;
}

static bool bad(struct reader *reader)
{
	return fail(reader, ST_INVALID);
}

static void skip_blanks(struct reader *reader)
{
	while (reader->p < reader->end && (*reader->p == ' ' || *reader->p == '\n' ||
					   *reader->p == '\r' || *reader->p == '\t'))
		reader->p++;
}

/* Only a character that stands for itself in a string and is one byte. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static int hex4(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = ascii_hex(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* After "\u"; a lone surrogate becomes U+FFFD, which is what Umami's database gets. */
static char *unescape_unicode(struct reader *reader, char *out)
{
	int low, c = hex4(reader->p, reader->end);

	if (c < 0)
		return NULL;
	reader->p += 4;
	if (c < 0xd800 || c > 0xdfff)
		return put_utf8(out, (unsigned)c);
	if (c < 0xdc00 && reader->end - reader->p >= 6 && reader->p[0] == '\\' &&
	    reader->p[1] == 'u') {
		low = hex4(reader->p + 2, reader->end);
		if (low >= 0xdc00 && low <= 0xdfff) {
			reader->p += 6;
			return put_utf8(out, 0x10000u + (((unsigned)c - 0xd800) << 10) +
						 ((unsigned)low - 0xdc00));
		}
	}
	return put_utf8(out, 0xfffd);
}

static char *unescape(struct reader *reader, char *out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (reader->p == reader->end)
		return NULL;
	c = *reader->p++;
	if (c == 'u')
		return unescape_unicode(reader, out);
	found = c ? strchr(names, c) : NULL;
	if (!found)
		return NULL;
	*out++ = values[found - names];
	return out;
}

/* From reader->p, which is inside a string, up to and over the closing quote. */
static bool copy_string(struct reader *reader, char *out, char **end)
{
	size_t n;

	while (reader->p < reader->end && *reader->p != '"') {
		unsigned char c = (unsigned char)*reader->p;

		if (is_plain(c)) {
			*out++ = *reader->p++;
		} else if (c == '\\') {
			reader->p++;
			out = unescape(reader, out);
			if (!out)
				return bad(reader);
		} else if (c < 0x20) {
			return bad(reader);
		} else {
			n = utf8_sequence(reader->p, (size_t)(reader->end - reader->p));
			memcpy(out, n ? reader->p : replacement, n ? n : 3);
			out += n ? n : 3;
			reader->p += n ? n : 1;
		}
	}
	if (reader->p == reader->end)
		return bad(reader);
	reader->p++;
	*end = out;
	return true;
}

/* Bytes that the rest of the string may need: an invalid byte becomes three. */
static size_t copy_bound(const struct reader *reader)
{
	const char *p = reader->p;
	size_t high = 0;

	for (; p < reader->end && *p != '"'; p++) {
		high += (unsigned char)*p >= 0x80;
		if (*p == '\\' && p + 1 < reader->end)
			p++;
	}
	return (size_t)(p - reader->p) + 2 * high;
}

/* Behind the opening quote. Nothing is copied unless it has to be changed. */
static bool read_string(struct reader *reader, const char **text, uint32_t *len)
{
	const char *start = reader->p;
	char *copy, *end;
	size_t n = 1;

	while (n) {
		reader->p += text_plain(reader->p, (size_t)(reader->end - reader->p));
		n = reader->p < reader->end && (unsigned char)*reader->p >= 0x80
			? utf8_sequence(reader->p, (size_t)(reader->end - reader->p))
			: 0;
		reader->p += n;
	}
	if (reader->p < reader->end && *reader->p == '"') {
		*text = start;
		*len = (uint32_t)(reader->p++ - start);
		return true;
	}
	copy = arena_alloc(reader->arena, (size_t)(reader->p - start) + copy_bound(reader) + 1);
	if (!copy)
		return fail(reader, ST_NO_MEMORY);
	memcpy(copy, start, (size_t)(reader->p - start));
	if (!copy_string(reader, copy + (reader->p - start), &end))
		return false;
	*text = copy;
	*len = (uint32_t)(end - copy);
	return true;
}

static bool read_digits(struct reader *reader)
{
	if (reader->p == reader->end || !ascii_is_digit(*reader->p))
		return bad(reader);
	while (reader->p < reader->end && ascii_is_digit(*reader->p))
		reader->p++;
	return true;
}

static bool at(const struct reader *reader, char c)
{
	return reader->p < reader->end && *reader->p == c;
}

static bool read_number(struct reader *reader, struct json *value)
{
	value->type = JSON_NUMBER;
	value->text = reader->p;
	if (at(reader, '-'))
		reader->p++;
	if (at(reader, '0'))
		reader->p++;
	else if (!read_digits(reader))
		return false;
	if (at(reader, '.')) {
		reader->p++;
		if (!read_digits(reader))
			return false;
	}
	if (at(reader, 'e') || at(reader, 'E')) {
		reader->p++;
		if (at(reader, '+') || at(reader, '-'))
			reader->p++;
		if (!read_digits(reader))
			return false;
	}
	value->len = (uint32_t)(reader->p - value->text);
	return true;
}

static bool read_word(struct reader *reader, struct json *value, enum json_type type,
		      const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(reader->end - reader->p) < len || memcmp(reader->p, word, len) != 0)
		return bad(reader);
	value->type = type;
	value->text = reader->p;
	value->len = (uint32_t)len;
	reader->p += len;
	return true;
}

static bool read_value(struct reader *reader, struct json *value);

static bool read_key(struct reader *reader, struct json *member)
{
	skip_blanks(reader);
	if (!at(reader, '"'))
		return bad(reader);
	reader->p++;
	if (!read_string(reader, &member->key, &member->key_len))
		return false;
	skip_blanks(reader);
	if (!at(reader, ':'))
		return bad(reader);
	reader->p++;
	return true;
}

/* Array or object, behind its opening bracket. */
static bool read_members(struct reader *reader, struct json *parent, char closing)
{
	const struct json **link = &parent->child;
	struct json *member;

	parent->child = NULL;
	parent->len = 0;
	skip_blanks(reader);
	if (at(reader, closing)) {
		reader->p++;
		return true;
	}
	for (;;) {
		if (reader->values-- == 0)
			return fail(reader, ST_TOO_LARGE);
		member = arena_alloc(reader->arena, sizeof(*member));
		if (!member)
			return fail(reader, ST_NO_MEMORY);
		*member = (struct json){.next = NULL};
		if (closing == '}' && !read_key(reader, member))
			return false;
		skip_blanks(reader);
		if (!read_value(reader, member))
			return false;
		*link = member;
		link = &member->next;
		parent->len++;
		skip_blanks(reader);
		if (at(reader, closing))
			break;
		if (!at(reader, ','))
			return bad(reader);
		reader->p++;
	}
	reader->p++;
	return true;
}

static bool read_nested(struct reader *reader, struct json *value, enum json_type type,
			char closing)
{
	bool ok;

	if (++reader->depth > JSON_DEPTH_MAX)
		return fail(reader, ST_TOO_LARGE);
	reader->p++;
	value->type = type;
	ok = read_members(reader, value, closing);
	reader->depth--;
	return ok;
}

static bool read_value(struct reader *reader, struct json *value)
{
	if (reader->p == reader->end)
		return bad(reader);
	switch (*reader->p) {
	case '"':
		reader->p++;
		value->type = JSON_STRING;
		return read_string(reader, &value->text, &value->len);
	case '{':
		return read_nested(reader, value, JSON_OBJECT, '}');
	case '[':
		return read_nested(reader, value, JSON_ARRAY, ']');
	case 't':
		return read_word(reader, value, JSON_BOOLEAN, "true");
	case 'f':
		return read_word(reader, value, JSON_BOOLEAN, "false");
	case 'n':
		return read_word(reader, value, JSON_NULL, "null");
	default:
		return read_number(reader, value);
	}
}

enum status json_read(const struct json **out, struct arena *arena, const char *text, size_t len)
{
	struct reader reader = {.arena = arena,
				.p = text,
				.end = text + len,
				.values = JSON_VALUES_FREE + len / JSON_VALUE_BYTES};
	struct json *value;

	if (len > UINT32_MAX / 4)
		return ST_TOO_LARGE;
	value = arena_zalloc(arena, sizeof(*value));
	if (!value)
		return ST_NO_MEMORY;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader.p += 3;
	skip_blanks(&reader);
	if (read_value(&reader, value)) {
		skip_blanks(&reader);
		if (reader.p != reader.end)
			bad(&reader);
	}
	*out = reader.status == ST_OK ? value : NULL;
	return reader.status;
}

const struct json *json_member(const struct json *object, const char *name)
{
	const struct json *found = NULL;
	size_t len = strlen(name);

	for (const struct json *m = object->child; m; m = m->next)
		if (m->key_len == len && memcmp(m->key, name, len) == 0)
			found = m;
	return found;
}

bool json_is(const struct json *string, const char *value)
{
	return string && string->type == JSON_STRING && string->len == strlen(value) &&
	       memcmp(string->text, value, string->len) == 0;
}
