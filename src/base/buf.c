/*
 * buf - a growing string; capacity doubles up to max, one byte beyond len is the NUL.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define FIRST_BYTES ((size_t)64)

void buf_init(struct buf *buf, size_t max_bytes)
{
	memset(buf, 0, sizeof(*buf));
	buf->max = max_bytes;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

bool buf_ok(const struct buf *buf)
{
	return !buf->failed;
}

/* More than there is memory for. */
static char *grow(struct buf *buf, size_t len)
{
	size_t cap = buf->cap ? buf->cap : FIRST_BYTES;
	char *data;

	while (cap <= buf->len + len)
		cap = cap > SIZE_MAX / 2 ? buf->len + len + 1 : cap * 2;
	data = realloc(buf->data, cap);
	if (!data) {
		buf->failed = true;
		return NULL;
	}
	buf->data = data;
	buf->cap = cap;
	return data + buf->len;
}

static inline char *room_for(struct buf *buf, size_t len)
{
	if (buf->failed || len > buf->max - buf->len) {
		buf->failed = true;
		return NULL;
	}
	return buf->data && len < buf->cap - buf->len ? buf->data + buf->len : grow(buf, len);
}

char *buf_room(struct buf *buf, size_t len)
{
	return room_for(buf, len);
}

void buf_grew(struct buf *buf, size_t len)
{
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *room = room_for(buf, len);

	if (!room)
		return;
	if (len)
		memcpy(room, data, len);
	buf_grew(buf, len);
}

void buf_adds(struct buf *buf, const char *string)
{
	buf_add(buf, string, strlen(string));
}

void buf_addc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_addu(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	char *room;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	room = n < 0 ? NULL : buf_room(buf, (size_t)n);
	if (!room) {
		buf->failed = true;
		return;
	}
	va_start(args, format);
	(void)vsnprintf(room, (size_t)n + 1, format, args);
	va_end(args);
	buf_grew(buf, (size_t)n);
}

static void add_escape(struct buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
					 {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
	char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		if (shorts[i][0] == (char)c) {
			text[1] = shorts[i][1];
			buf_add(buf, text, 2);
			return;
		}
	buf_add(buf, text, sizeof(text));
}

/* Length of the run that needs no change; 0 where the next byte does. */
static size_t plain_run(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)data[i];
		size_t n = c < 0x80 ? 1 : utf8_sequence(data + i, len - i);

		if (c < 0x20 || c == '"' || c == '\\' || n == 0)
			break;
		i += n;
	}
	return i;
}

void buf_add_json(struct buf *buf, const char *data, size_t len)
{
	size_t i = 0;

	buf_addc(buf, '"');
	while (i < len) {
		size_t run = plain_run(data + i, len - i);

		buf_add(buf, data + i, run);
		i += run;
		if (i == len)
			break;
		if ((unsigned char)data[i] < 0x80)
			add_escape(buf, (unsigned char)data[i]);
		else
			buf_adds(buf, "\xef\xbf\xbd");
		i++;
	}
	buf_addc(buf, '"');
}
