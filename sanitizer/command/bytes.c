/*
 * bytes - see bytes.h.
 */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

int bytes_reserve(struct bytes *bytes, size_t cap)
{
	size_t want = bytes->cap ? bytes->cap : 256;
	char *data;

	if (cap <= bytes->cap)
		return 0;
	if (cap > BYTES_MAX)
		return -1;
	while (want < cap)
		want *= 2;
	data = realloc(bytes->data, want);
	if (!data)
		return -1;
	bytes->data = data;
	bytes->cap = want;
	return 0;
}

int bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (!len)
		return 0;
	if (bytes->len + len > bytes->cap && bytes_reserve(bytes, bytes->len + len))
		return -1;
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return 0;
}

int bytes_adds(struct bytes *bytes, const char *text)
{
	return bytes_add(bytes, text, strlen(text));
}

int bytes_add_newlines(struct bytes *bytes, const char *data, size_t len)
{
	const char *end = data + len;

	while (data < end && (data = memchr(data, '\n', (size_t)(end - data)))) {
		if (bytes_add(bytes, data++, 1))
			return -1;
	}
	return 0;
}

void bytes_shift(struct bytes *bytes, size_t len)
{
	bytes->len -= len;
	if (bytes->len)
		memmove(bytes->data, bytes->data + len, bytes->len);
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}
