/*
 * url - the states of https://url.spec.whatwg.org/#url-parsing that can fail.
 *
 * With a base of the https scheme only an authority can be wrong: its host, its
 * port, or both missing. Everything else parses somehow, so nothing is built here.
 */
#include "url.h"

#include <string.h>

#include "ascii.h"
#include "host.h"

#define URL_HEAD_MAX 2048

enum scheme { SCHEME_NONE, SCHEME_HTTPS, SCHEME_SPECIAL, SCHEME_FILE, SCHEME_OTHER };

/* What is left of a URL while it is taken apart. */
struct cursor {
	const char *p;
	const char *end;
};

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Ends an authority. */
static bool is_path_start(char c)
{
	return c == '/' || c == '?' || c == '#';
}

static bool is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

static bool word_is(const char *p, size_t len, const char *word)
{
	if (len != strlen(word))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((p[i] | 0x20) != word[i])
			return false;
	return true;
}

/* Over "scheme:", if there is one. */
static enum scheme take_scheme(struct cursor *url)
{
	static const char *const special[] = {"http", "ws", "wss", "ftp"};
	const char *p = url->p;
	size_t len;

	if (p == url->end || !ascii_is_alpha(*p))
		return SCHEME_NONE;
	while (p < url->end &&
	       (ascii_is_alpha(*p) || ascii_is_digit(*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	if (p == url->end || *p != ':')
		return SCHEME_NONE;
	len = (size_t)(p - url->p);
	p = url->p;
	url->p += len + 1;
	if (word_is(p, len, "https"))
		return SCHEME_HTTPS;
	if (word_is(p, len, "file"))
		return SCHEME_FILE;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (word_is(p, len, special[i]))
			return SCHEME_SPECIAL;
	return SCHEME_OTHER;
}

static bool port_is_valid(const char *p, const char *end)
{
	unsigned port = 0;

	for (; p < end; p++) {
		if (!ascii_is_digit(*p))
			return false;
		port = port * 10 + (unsigned)(*p - '0');
		if (port > 65535)
			return false;
	}
	return true;
}

/* "host:port" */
static bool host_port_is_valid(const char *p, const char *end, bool special)
{
	const char *colon = p;
	bool bracket = false;

	for (; colon < end && (bracket || *colon != ':'); colon++)
		bracket = *colon == '[' || (bracket && *colon != ']');
	if (colon == p && (special || colon < end))
		return false;
	if (colon == p)
		return true;
	return host_is_valid(p, colon, special) &&
	       port_is_valid(colon < end ? colon + 1 : end, end);
}

/* From behind the slashes: [userinfo@]host[:port], up to the path. */
static bool authority_is_valid(struct cursor *url, bool special)
{
	const char *start = url->p, *p, *at = NULL;

	for (p = start; p < url->end && !is_path_start(*p) && !(special && *p == '\\'); p++)
		if (*p == '@')
			at = p;
	url->p = p;
	if (at && at + 1 == p)
		return false;
	return host_port_is_valid(at ? at + 1 : start, p, special);
}

static bool is_slash(const struct cursor *url, size_t i)
{
	return (size_t)(url->end - url->p) > i && (url->p[i] == '/' || url->p[i] == '\\');
}

static void skip_slashes(struct cursor *url)
{
	while (is_slash(url, 0))
		url->p++;
}

/* file://host/: a host may be empty, and a drive letter is a path. */
static bool file_is_valid(struct cursor *url)
{
	const char *start;

	if (!is_slash(url, 0) || !is_slash(url, 1))
		return true;
	start = url->p += 2;
	while (url->p < url->end && !is_in(*url->p, "/\\?#"))
		url->p++;
	if (url->p == start)
		return true;
	if (url->p - start == 2 && ascii_is_alpha(start[0]) && is_in(start[1], ":|"))
		return true;
	return host_is_valid(start, url->p, true);
}

static bool rest_is_valid(struct cursor *url, enum scheme scheme)
{
	switch (scheme) {
	case SCHEME_NONE: /* relative to the base */
	case SCHEME_HTTPS:
		if (!is_slash(url, 0) || !is_slash(url, 1))
			return true;
		skip_slashes(url);
		return authority_is_valid(url, true);
	case SCHEME_SPECIAL:
		skip_slashes(url);
		return authority_is_valid(url, true);
	case SCHEME_FILE:
		return file_is_valid(url);
	case SCHEME_OTHER:
		break;
	}
	if (url->end - url->p < 2 || url->p[0] != '/' || url->p[1] != '/')
		return true;
	url->p += 2;
	return authority_is_valid(url, false);
}

static struct cursor trimmed(struct text text)
{
	struct cursor url = {text.data, text.data + text.len};

	while (url.p < url.end && (unsigned char)*url.p <= ' ')
		url.p++;
	while (url.end > url.p && (unsigned char)url.end[-1] <= ' ')
		url.end--;
	return url;
}

/* Tabs and line ends count nowhere; only what stands before the path matters. */
static struct cursor without_dropped(struct cursor url, char copy[URL_HEAD_MAX])
{
	size_t n = 0, len = (size_t)(url.end - url.p), i = text_plain(url.p, len);

	while (i < len && !is_dropped(url.p[i]))
		i++;
	if (i == len)
		return url;
	for (i = 0; i < len && n < URL_HEAD_MAX; i++)
		if (!is_dropped(url.p[i]))
			copy[n++] = url.p[i];
	return (struct cursor){copy, copy + n};
}

bool url_is_valid(struct text text)
{
	char copy[URL_HEAD_MAX];
	struct cursor url = without_dropped(trimmed(text), copy);
	enum scheme scheme = take_scheme(&url);

	return rest_is_valid(&url, scheme);
}

bool url_is_host(struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
		    ((unsigned char)c <= ' ' || is_in(c, "/\\?#@%")))
			return false;
	}
	return host_port_is_valid(text.data, text.data + text.len, true);
}

struct text url_path(struct text text)
{
	struct cursor url = trimmed(text);
	const char *start;
	enum scheme scheme = take_scheme(&url);

	if (!rest_is_valid(&url, scheme))
		return (struct text){"", 0};
	start = url.p;
	while (url.p < url.end && *url.p != '?' && *url.p != '#')
		url.p++;
	return (struct text){start, (size_t)(url.p - start)};
}

struct text url_host(struct text text)
{
	struct cursor url = trimmed(text);
	enum scheme scheme = take_scheme(&url);
	const char *start, *end, *port;

	if (scheme != SCHEME_SPECIAL && (!is_slash(&url, 0) || !is_slash(&url, 1)))
		return (struct text){NULL, 0};
	skip_slashes(&url);
	start = end = url.p;
	while (end < url.end && !is_path_start(*end) && *end != '\\')
		if (*end++ == '@')
			start = end;
	port = start;
	while (port < end && *port != (*start == '[' ? ']' : ':'))
		port++;
	if (port < end && *port == ']')
		port++;
	return (struct text){start, (size_t)(port - start)};
}
