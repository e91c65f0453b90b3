/*
 * clickid - a name counts where "=" follows it and no letter, digit or mark of a name stands before
 * it; both may be percent-escaped, once or twice, as in a URL that is another's parameter.
 */
#include "clickid.h"

#include <string.h>
#include <strings.h>

#include "ascii.h"

#define NAME(name)                                                                                 \
	{                                                                                          \
		name, sizeof(name) - 1                                                             \
	}

static const struct text names[] = {NAME("gclid"),  NAME("fbclid"), NAME("msclkid"),
				    NAME("ttclid"), NAME("twclid"), NAME("li_fat_id")};

bool clickid_is_name(const char *name, size_t len)
{
	if (len < 5 || (name[len - 1] | 0x20) != 'd') /* nearly all */
		return false;
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (len == names[k].len && strncasecmp(name, names[k].data, len) == 0)
			return true;
	return false;
}

/* The character at i, as it is or escaped once or twice; *bytes: how many it takes. */
static char character(struct text text, size_t i, size_t *bytes)
{
	struct text once;
	int byte = text_escape(text, i);

	*bytes = byte < 0 ? 1 : 3;
	if (byte != '%')
		return byte < 0 ? text.data[i] : (char)byte;
	once = (struct text){text.data + i + 2, text.len - i - 2}; /* the 5 of %25 for a % */
	if (once.len < 3)
		return '%';
	byte = text_escape((struct text){(char[]){'%', once.data[1], once.data[2]}, 3}, 0);
	*bytes = byte < 0 ? 3 : 5;
	return byte < 0 ? '%' : (char)byte;
}

/* Where the character that ends before i begins. */
static size_t before(struct text text, size_t i)
{
	size_t bytes;

	for (size_t n = 5; n >= 3; n -= 2)
		if (i >= n && text.data[i - n] == '%') {
			(void)character(text, i - n, &bytes);
			if (bytes == n)
				return i - n;
		}
	return i - 1;
}

/* How long the name is that ends before i; 0: there is none. */
static size_t name_before(struct text text, size_t i)
{
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		size_t len = names[k].len, bytes;
		char c;

		if (i < len || strncasecmp(text.data + i - len, names[k].data, len) != 0)
			continue;
		if (i == len)
			return len;
		c = character(text, before(text, i - len), &bytes);
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '_' && c != '-')
			return len;
	}
	return 0;
}

/* The next "=", plain or escaped, behind "id"; text.len: there is none. */
static size_t next_equals(struct text text, size_t i, size_t *bytes)
{
	for (; i < text.len; i++) {
		if ((text.data[i] != '=' && text.data[i] != '%') || i < 2 ||
		    (text.data[i - 1] | 0x20) != 'd' || (text.data[i - 2] | 0x20) != 'i')
			continue;
		if (character(text, i, bytes) == '=')
			return i;
	}
	return text.len;
}

/* To what ends a parameter at this depth of escapes, or what no value holds plainly. */
static size_t value_end(struct text text, size_t i, size_t depth, char opened)
{
	size_t bytes;

	for (; i < text.len; i += bytes) {
		char c = character(text, i, &bytes);

		if (bytes <= depth && (c == '&' || c == '#' || c == ';'))
			return i;
		if (bytes == 1 &&
		    (strchr("\"'<> \t\r\n", c) || (opened == ';' && (c == '/' || c == '?'))))
			return i;
	}
	return text.len;
}

struct text clickid_strike(struct arena *arena, struct text text, bool *found)
{
	size_t from = 0, bytes, i;
	struct writer writer;

	*found = false;
	if (text.len == 0 ||
	    (!memchr(text.data, '=', text.len) && !memchr(text.data, '%', text.len)))
		return text;
	for (i = 0; (i = next_equals(text, i, &bytes)) < text.len; i++) {
		size_t len = name_before(text, i), start = i - len, end, next = 0;
		char opened = '\0', closed;

		if (len == 0 || start < from)
			continue;
		if (!*found)
			writer_init(&writer, arena, text.len);
		*found = true;
		if (start > 0)
			opened = character(text, before(text, start), &next);
		end = value_end(text, i + bytes, bytes, opened);
		closed = end < text.len ? character(text, end, &next) : '\0';
		/* One of the two separators goes: the first of a list stays for the next. */
		if ((opened == '?' || opened == '#' || opened == '\0') && closed == '&')
			end += next;
		else if (opened == '&' || opened == '?' || opened == '#' || opened == ';')
			start = before(text, start);
		writer_add(&writer, text.data + from, start > from ? start - from : 0);
		from = end;
		i = end > i ? end - 1 : i;
	}
	if (!*found)
		return text;
	writer_add(&writer, text.data + from, text.len - from);
	return writer_ok(&writer) ? writer_text(&writer) : (struct text){NULL, 0};
}

static bool is_parent(const struct json *value)
{
	return value->type == JSON_OBJECT || value->type == JSON_ARRAY;
}

/* A look, so that data without any is not copied. */
static bool has_any(struct arena *arena, const struct json *value)
{
	bool found = false;

	if (value->type == JSON_STRING)
		(void)clickid_strike(arena, (struct text){value->text, value->len}, &found);
	if (!is_parent(value))
		return found;
	for (const struct json *member = value->child; member && !found; member = member->next)
		found = (value->type == JSON_OBJECT && clickid_is_name(member->key, member->key_len)) || has_any(arena, member);
	return found;
}

static struct json *copied(struct arena *arena, const struct json *value);

/* False: no memory. */
static bool copy_members(struct arena *arena, struct json *copy, const struct json *parent)
{
	struct json *last = NULL, *kept;

	copy->child = NULL;
	copy->len = 0;
	for (const struct json *member = parent->child; member; member = member->next) {
		if (parent->type == JSON_OBJECT && clickid_is_name(member->key, member->key_len))
			continue;
		kept = copied(arena, member);
		if (!kept)
			return false;
		if (last)
			last->next = kept;
		else
			copy->child = kept;
		last = kept;
		copy->len++;
	}
	return true;
}

static struct json *copied(struct arena *arena, const struct json *value)
{
	struct json *copy = arena_alloc(arena, sizeof(*copy));
	struct text text;
	bool found;

	if (!copy)
		return NULL;
	*copy = *value;
	copy->next = NULL;
	if (is_parent(value))
		return copy_members(arena, copy, value) ? copy : NULL;
	if (value->type != JSON_STRING || value->len == 0)
		return copy;
	text = clickid_strike(arena, (struct text){value->text, value->len}, &found);
	copy->text = text.data;
	copy->len = (uint32_t)text.len;
	return text.data ? copy : NULL;
}

const struct json *clickid_strike_data(struct arena *arena, const struct json *object, bool *found)
{
	*found = has_any(arena, object);
	return *found ? copied(arena, object) : object;
}
