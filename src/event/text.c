/*
 * text - cutting and writing; both must never leave half of anything behind.
 */
#include "text.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "ascii.h"
#include "utf8.h"

#define PLACEHOLDER_MAX 80

size_t text_length(struct text text, enum text_unit unit)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		n += (c & 0xc0) != 0x80;
		n += unit == TEXT_UTF16 && c >= 0xf0;
	}
	return n;
}

bool text_is(struct text text, const char *value)
{
	return text.data && text.len == strlen(value) && memcmp(text.data, value, text.len) == 0;
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

typedef signed char lanes __attribute__((vector_size(16)));

/*
 * How many of sixteen bytes at the beginning are plain. As signed numbers those beyond ASCII are
 * less than a blank, too.
 */
static size_t plain_lanes(const char *data)
{
	uint64_t halves[2];
	lanes bytes, found;

	memcpy(&bytes, data, sizeof(bytes));
	found = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
	memcpy(halves, &found, sizeof(halves));
	if (halves[0])
		return (size_t)__builtin_ctzll(le64toh(halves[0])) / 8;
	return halves[1] ? 8 + (size_t)__builtin_ctzll(le64toh(halves[1])) / 8 : sizeof(lanes);
}

#define BYTES8(c) (UINT64_C(0x0101010101010101) * (c))

/* High bits of the bytes below c, which is at most 0x80; above the first of them some are wrong. */
static uint64_t bytes_below(uint64_t word, unsigned c)
{
	return (word - BYTES8(c)) & ~word & BYTES8(0x80);
}

/* The same as plain_lanes() of eight bytes, in the order of a little-endian word. */
static size_t plain_word(uint64_t word)
{
	uint64_t found = bytes_below(word, 0x20) | (word & BYTES8(0x80)) |
			 bytes_below(word ^ BYTES8('"'), 1) | bytes_below(word ^ BYTES8('\\'), 1);

	return found ? (size_t)__builtin_ctzll(found) / 8 : 8;
}

static uint64_t word_at(const char *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return le64toh(word);
}

/* Fewer than sixteen bytes: none is read that is not there, and some are looked at twice. */
static size_t plain_few(const char *data, size_t len)
{
	size_t i = 0;

	if (len >= 8) {
		i = plain_word(word_at(data));
		return i < 8 ? i : len - 8 + plain_word(word_at(data + len - 8));
	}
	while (i < len && is_plain(data[i]))
		i++;
	return i;
}

size_t text_plain(const char *data, size_t len)
{
	size_t i = 0, n = sizeof(lanes);

	if (len < sizeof(lanes))
		return plain_few(data, len);
	for (; len - i >= sizeof(lanes); i += n) {
		n = plain_lanes(data + i);
		if (n < sizeof(lanes))
			return i + n;
	}
	i = len - sizeof(lanes); /* the rest, and some once more */
	return i + plain_lanes(data + i);
}

/* Bytes of the beginning that holds max characters. */
static size_t offset_of(struct text text, size_t max, enum text_unit unit)
{
	size_t i = 0, n = 0;

	while (i < text.len) {
		size_t bytes = utf8_sequence(text.data + i, text.len - i);
		size_t units = bytes == 4 && unit == TEXT_UTF16 ? 2 : 1;

		if (n + units > max)
			break;
		n += units;
		i += bytes ? bytes : 1;
	}
	return i;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       c == ':';
}

/* Where the placeholder starts that a cut at end would go through; else end. */
static size_t before_placeholder(struct text text, size_t end)
{
	size_t start = end, stop = end;

	while (start > 0 && end - start < PLACEHOLDER_MAX && is_word(text.data[start - 1]))
		start--;
	if (start == 0 || text.data[start - 1] != '[')
		return end;
	while (stop < text.len && stop - end < PLACEHOLDER_MAX && is_word(text.data[stop]))
		stop++;
	return stop < text.len && text.data[stop] == ']' ? start - 1 : end;
}

/* The byte that a percent escape at i stands for, or -1. */
int text_escape(struct text text, size_t i)
{
	int high, low;

	if (i + 2 >= text.len || text.data[i] != '%')
		return -1;
	high = ascii_hex(text.data[i + 1]);
	low = ascii_hex(text.data[i + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool is_continuation(int byte)
{
	return byte >= 0x80 && byte < 0xc0;
}

static size_t before_escape(struct text text, size_t end)
{
	if (end >= 1 && text_escape(text, end - 1) >= 0)
		end -= 1;
	else if (end >= 2 && text_escape(text, end - 2) >= 0)
		end -= 2;
	/* the rest of a UTF-8 sequence in escapes: go back to its first byte */
	if (!is_continuation(text_escape(text, end)))
		return end;
	for (size_t back = 3; back <= 9 && back <= end; back += 3) {
		int byte = text_escape(text, end - back);

		if (!is_continuation(byte))
			return byte >= 0xc0 ? end - back : end;
	}
	return end;
}

struct text text_shorten(struct text text, size_t end)
{
	if (end >= text.len)
		return text;
	end = before_escape(text, end);
	return (struct text){text.data, before_placeholder(text, end)};
}

struct text text_cut(struct text text, size_t max, enum text_unit unit)
{
	return text.len <= max ? text : text_shorten(text, offset_of(text, max, unit));
}

void writer_init(struct writer *writer, struct arena *arena, size_t expected)
{
	*writer = (struct writer){.arena = arena, .cap = expected};
	writer->data = arena_alloc(arena, expected);
	writer->failed = !writer->data;
}

bool writer_ok(const struct writer *writer)
{
	return !writer->failed;
}

/* More than there is. */
static char *writer_grow(struct writer *writer, size_t len)
{
	size_t cap = writer->cap * 2;
	char *data;

	if (writer->failed)
		return NULL;
	if (cap < writer->len + len)
		cap = writer->len + len;
	data = arena_alloc(writer->arena, cap);
	if (!data) {
		writer->failed = true;
		return NULL;
	}
	memcpy(data, writer->data, writer->len);
	writer->data = data;
	writer->cap = cap;
	return data + writer->len;
}

static inline char *room_for(struct writer *writer, size_t len)
{
	if (!writer->failed && len <= writer->cap - writer->len)
		return writer->data + writer->len;
	return writer_grow(writer, len);
}

char *writer_room(struct writer *writer, size_t len)
{
	return room_for(writer, len);
}

void writer_add(struct writer *writer, const char *data, size_t len)
{
	char *room = room_for(writer, len);

	if (!room || !len)
		return;
	memcpy(room, data, len);
	writer->len += len;
}

void writer_addc(struct writer *writer, char c)
{
	writer_add(writer, &c, 1);
}

/* The letter after the backslash; 'u' where there is none; 0: needs no escape. */
static char escape_letter(unsigned char c)
{
	static const char control[32] = {'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n',
					 'u', 'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
					 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u'};

	if (c < 0x20)
		return control[c];
	return c == '"' || c == '\\' ? (char)c : '\0';
}

static char *put_escape(char *out, unsigned char c, char letter)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '\\';
	*out++ = letter;
	if (letter != 'u')
		return out;
	memcpy(out, "00", 2);
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	return out + 4;
}

/* Bytes that text takes as JSON at most, without its quotes. */
static size_t json_bound(struct text text)
{
	size_t escapes = 0;

	for (size_t i = 0; i < text.len; i++)
		escapes += escape_letter((unsigned char)text.data[i]) != '\0';
	return text.len + 5 * escapes;
}

void writer_json(struct writer *writer, struct text text)
{
	size_t i = 0, n = text_plain(text.data, text.len);
	char *out = writer_room(writer, 2 + (n == text.len ? n : json_bound(text))), *start = out;

	if (!out)
		return;
	*out++ = '"';
	for (; i < text.len; n = text_plain(text.data + i, text.len - i)) {
		memcpy(out, text.data + i, n);
		out += n;
		i += n;
		for (; i < text.len && (n = text_plain(text.data + i, 1)) == 0; i++) {
			char letter = escape_letter((unsigned char)text.data[i]);

			if (letter)
				out = put_escape(out, (unsigned char)text.data[i], letter);
			else
				*out++ = text.data[i];
		}
	}
	*out++ = '"';
	writer->len += (size_t)(out - start);
}

struct text writer_text(const struct writer *writer)
{
	return (struct text){writer->data, writer->len};
}

/* Bytes at the beginning that are UTF-8. */
static size_t utf8_run(const char *data, size_t len)
{
	size_t i = 0, n = 1;

	while (i < len && n > 0) {
		i += text_plain(data + i, len - i);
		n = utf8_sequence(data + i, len - i);
		i += n;
	}
	return i;
}

struct text text_utf8(struct arena *arena, const char *data, size_t len)
{
	size_t out = 0, n;
	char *copy;

	if (utf8_run(data, len) == len)
		return (struct text){data, len};
	copy = arena_alloc(arena, 3 * len);
	if (!copy)
		return (struct text){NULL, 0};
	for (size_t i = 0; i < len; i += n) {
		n = utf8_sequence(data + i, len - i);
		memcpy(copy + out, n ? data + i : "\xef\xbf\xbd", n ? n : 3);
		out += n ? n : 3;
		n = n ? n : 1;
	}
	return (struct text){copy, out};
}
