/*
 * url - the states of https://url.spec.whatwg.org/#url-parsing that can fail.
 *
 * With a base of the https scheme only an authority can be wrong: its host, its
 * port, or both missing. Everything else parses somehow, so nothing is built here.
 * International names: what the standard maps through IDNA is taken as it comes
 * but for code points that IDNA never allows; punycode must decode.
 */
#include "url.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

enum scheme { SCHEME_NONE, SCHEME_HTTPS, SCHEME_SPECIAL, SCHEME_FILE, SCHEME_OTHER };

/* What is left of a URL while it is taken apart. */
struct cursor {
	const char *p;
	const char *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

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

	if (p == url->end || !is_alpha(*p))
		return SCHEME_NONE;
	while (p < url->end && (is_alpha(*p) || is_digit(*p) || is_in(*p, "+-.")))
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

/* 1 to 4 hex digits; false where there are none. */
static bool take_group(struct cursor *ip)
{
	int n = 0;

	while (n < 4 && ip->p < ip->end && hex_value(*ip->p) >= 0) {
		ip->p++;
		n++;
	}
	return n > 0;
}

/* "1.2.3.4" to the end: the only form that an IPv6 address may end in. */
static bool is_dotted(const char *p, const char *end)
{
	int parts = 0;

	while (p < end) {
		int value = 0, n = 0;

		if (parts > 0 && *p++ != '.')
			return false;
		for (; p < end && is_digit(*p) && n < 4; p++, n++)
			value = value * 10 + (*p - '0');
		if (n == 0 || value > 255 || (n > 1 && p[-n] == '0') || ++parts > 4)
			return false;
	}
	return parts == 4;
}

static bool is_ip6(const char *p, const char *end)
{
	struct cursor ip = {p, end};
	int groups = 0;
	bool gap = false;

	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = true;
		ip.p += 2;
	}
	while (ip.p < ip.end) {
		const char *group = ip.p;

		if (groups == 8 || !take_group(&ip))
			return false;
		if (ip.p < ip.end && *ip.p == '.')
			return groups <= 6 && (gap || groups == 6) && is_dotted(group, end);
		groups++;
		if (ip.p == ip.end)
			break;
		if (*ip.p++ != ':' || ip.p == ip.end)
			return false;
		if (*ip.p == ':') {
			if (gap)
				return false;
			gap = true;
			ip.p++;
		}
	}
	return gap ? groups < 8 : groups == 8;
}

/* One part of an IPv4 address in any of its old notations; UINT64_MAX: it is none. */
static uint64_t ip4_part(const char *p, const char *end)
{
	unsigned radix = 10;
	uint64_t value = 0;

	if (end - p >= 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		radix = 16;
		p += 2;
	} else if (end - p >= 2 && p[0] == '0') {
		radix = 8;
		p++;
	}
	for (; p < end; p++) {
		int digit = hex_value(*p);

		if (digit < 0 || (unsigned)digit >= radix)
			return UINT64_MAX;
		value = value * radix + (unsigned)digit;
		if (value > UINT32_MAX)
			value = (uint64_t)UINT32_MAX + 1;
	}
	return value;
}

/* A host that ends in a number must be an IPv4 address. */
static bool is_ip4_or_name(const char *p, const char *end)
{
	const char *part, *dot;
	uint64_t value = 0, most = 255;
	int parts = 0;

	if (end > p && end[-1] == '.')
		end--;
	for (part = end; part > p && part[-1] != '.'; part--)
		;
	for (dot = part; dot < end && is_digit(*dot); dot++)
		;
	if (part == end || (dot < end && ip4_part(part, end) == UINT64_MAX))
		return true;
	for (part = p; part <= end; part = dot + 1) {
		dot = memchr(part, '.', (size_t)(end - part));
		if (!dot)
			dot = end;
		value = ip4_part(part, dot);
		if (part == dot || ++parts > 4 || (dot < end && value > 255))
			return false;
	}
	for (; parts < 4; parts++)
		most = most << 8 | 255;
	return value <= most;
}

/* RFC 3492, 6.2: does it decode to anything? */
static bool is_punycode(const char *p, const char *end)
{
	const char *basic = end;
	uint64_t i = 0, n = 128, bias = 72, out = 0;

	while (basic > p && basic[-1] != '-')
		basic--;
	out = basic > p ? (uint64_t)(basic - p) - 1 : 0;
	p = basic;
	if (p == end)
		return false;
	while (p < end) {
		uint64_t old = i, weight = 1, delta, k;

		for (k = 36;; k += 36) {
			uint64_t digit, limit = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;

			if (p == end)
				return false;
			digit = is_digit(*p) ? (uint64_t)(*p - '0' + 26)
					     : (uint64_t)((*p | 0x20) - 'a');
			if (digit > 35 || i > UINT32_MAX || weight > UINT32_MAX)
				return false;
			p++;
			i += digit * weight;
			if (digit < limit)
				break;
			weight *= 36 - limit;
		}
		out++;
		delta = (i - old) / (old ? 2 : 700);
		delta += delta / out;
		for (bias = 0; delta > 455; bias += 36)
			delta /= 35;
		bias += 36 * delta / (delta + 38);
		n += i / out;
		i = i % out + 1;
		if (n < 0xa0 || n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
			return false;
	}
	return true;
}

/* Code points that no mapping of IDNA lets through; three bytes of UTF-8 or more. */
static bool is_never_in_name(const char *p, size_t len)
{
	unsigned char a = (unsigned char)p[0], b = (unsigned char)p[1];
	unsigned char c = len > 2 ? (unsigned char)p[2] : 0;

	if (len == 2)
		return a == 0xc2 && b <= 0xa0; /* C1 controls, NBSP (maps to a blank) */
	if (a == 0xe2 && b == 0x80)	       /* blanks, marks, line ends */
		return c != 0x8b && c != 0x90 &&
		       c != 0x91; /* zero-width space is dropped, hyphens map */
	if (a == 0xef && b == 0xbf)
		return c >= 0xb9;			 /* U+FFF9 to U+FFFF */
	return (a == 0xee) || (a == 0xef && b < 0xa4) || /* private use */
	       a >= 0xf4 || (a == 0xf3 && b >= 0xa0 && b != 0xa0) ||
	       (a == 0xe3 && b == 0x80 && c == 0x80);
}

static bool label_is_valid(const char *p, const char *end)
{
	if (end - p > 4 && word_is(p, 4, "xn--"))
		return is_punycode(p + 4, end);
	return !(end - p == 4 && word_is(p, 4, "xn--"));
}

/* A name after percent-decoding; forbidden: U+0000 to U+0020, DEL, % and delimiters. */
static bool is_domain(const char *p, const char *end)
{
	const char *label = p, *start = p;
	size_t n;

	for (; p < end; p += n) {
		n = 1;
		if (is_alpha(*p) || is_digit(*p))
			continue;
		n = utf8_sequence(p, (size_t)(end - p));
		if (n == 0)
			return false;
		if (n > 1 && is_never_in_name(p, n))
			return false;
		if (n == 1 &&
		    ((unsigned char)*p <= 0x20 || *p == 0x7f || is_in(*p, "#%/:<>?@[\\]^|")))
			return false;
		if (*p == '.') {
			if (!label_is_valid(label, p))
				return false;
			label = p + 1;
		}
	}
	return label_is_valid(label, end) && is_ip4_or_name(start, end);
}

#define HOST_MAX 1024
#define URL_HEAD_MAX 2048

static bool is_special_host(const char *p, const char *end)
{
	char name[HOST_MAX];
	size_t n = 0;

	if (end - p > (long)sizeof(name))
		return false;
	for (; p < end; p++) {
		if (*p == '%' && end - p > 2 && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
			name[n++] = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
			p += 2;
		} else {
			name[n++] = *p;
		}
	}
	return n > 0 && is_domain(name, name + n);
}

static bool is_opaque_host(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!*p || is_in(*p, " #/:<>?@[\\]^|"))
			return false;
	return true;
}

static bool host_is_valid(const char *p, const char *end, bool special)
{
	if (p < end && *p == '[')
		return end[-1] == ']' && is_ip6(p + 1, end - 1);
	return special ? is_special_host(p, end) : is_opaque_host(p, end);
}

static bool port_is_valid(const char *p, const char *end)
{
	unsigned port = 0;

	for (; p < end; p++) {
		if (!is_digit(*p))
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
	if (url->p - start == 2 && is_alpha(start[0]) && is_in(start[1], ":|"))
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
	size_t n = 0, i = 0, len = (size_t)(url.end - url.p);

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
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] <= ' ' || is_in(text.data[i], "/\\?#@%"))
			return false;
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
	while (url.p < url.end && !is_in(*url.p, "?#"))
		url.p++;
	return (struct text){start, (size_t)(url.p - start)};
}

struct text url_query(struct text text)
{
	const char *end = text.data + text.len, *p = text.data, *hash;

	hash = text.len ? memchr(p, '#', text.len) : NULL;
	if (hash)
		end = hash;
	p = end > p ? memchr(p, '?', (size_t)(end - p)) : NULL;
	return p ? (struct text){p + 1, (size_t)(end - p - 1)} : (struct text){NULL, 0};
}
