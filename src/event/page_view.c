/*
 * page_view - see page_view.h.
 */
#include "page_view.h"

#include <string.h>

#include "ascii.h"
#include "payload.h"

static bool stays(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr("/-._~!$&'()*+,;=:@", c));
}

static void write_path(struct writer *writer, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";

	while (*path) {
		size_t n = 0;

		while (stays(path[n]))
			n++;
		writer_add(writer, path, n);
		path += n;
		if (*path) {
			unsigned char c = (unsigned char)*path++;

			writer_add(writer, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
		}
	}
}

static bool set(struct event *event, struct arena *arena, enum field field, const char *data,
		size_t len)
{
	struct text text = text_utf8(arena, data, len);
	struct json *value = arena_zalloc(arena, sizeof(*value));

	if (!text.data || !value)
		return false;
	value->type = JSON_STRING;
	value->text = text.data;
	value->len = (uint32_t)text.len;
	event->fields[field] = value;
	return true;
}

static bool set_url(struct event *event, struct arena *arena, const struct page_view *view)
{
	size_t expected = strlen(view->path) + (view->query ? strlen(view->query) : 0) + 32;
	struct text url;
	struct writer writer;

	writer_init(&writer, arena, expected);
	write_path(&writer, view->path);
	if (view->query && *view->query) {
		writer_addc(&writer, '?');
		writer_add(&writer, view->query, strlen(view->query));
	}
	url = writer_text(&writer);
	return writer_ok(&writer) && set(event, arena, FIELD_URL, url.data, url.len);
}

/* Without the port; that of an IPv6 address stands behind its bracket. */
static size_t host_len(const char *host)
{
	const char *bracket = *host == '[' ? strchr(host, ']') : NULL;

	return bracket ? (size_t)(bracket - host) + 1 : strcspn(host, ":");
}

bool page_view_fill(struct event *event, struct arena *arena, const struct page_view *view)
{
	const char *referrer = view->referrer;

	if (view->path && *view->path && !set_url(event, arena, view))
		return false;
	if (view->host && *view->host &&
	    !set(event, arena, FIELD_HOSTNAME, view->host, host_len(view->host)))
		return false;
	if (!referrer || !*referrer)
		return true;
	return set(event, arena, FIELD_REFERRER, referrer,
		   view->query ? strlen(referrer) : strcspn(referrer, "?#"));
}
