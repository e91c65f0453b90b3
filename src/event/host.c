/*
 * host - hosts as https://url.spec.whatwg.org/#host-parsing takes them.
 *
 * International names: what the standard maps through IDNA is taken as it comes but
 * for code points that IDNA never allows; punycode must decode.
 */
#include "host.h"

#include <stdint.h>
#include <string.h>

#include "ascii.h"
#include "utf8.h"

#define HOST_MAX 1024

/* What is left of an address while it is taken apart. */
struct cursor {
	const char *p;
	const char *end;
};

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_punycoded(const char *p, const char *end)
{
	return end - p >= 4 && (p[0] | 0x20) == 'x' && (p[1] | 0x20) == 'n' && p[2] == '-' &&
	       p[3] == '-';
}

/* 1 to 4 hex digits; false where there are none. */
static bool take_group(struct cursor *ip)
{
	int n = 0;

	while (n < 4 && ip->p < ip->end && ascii_hex(*ip->p) >= 0) {
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
		for (; p < end && ascii_is_digit(*p) && n < 4; p++, n++)
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
		int digit = ascii_hex(*p);

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
	for (dot = part; dot < end && ascii_is_digit(*dot); dot++)
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
			digit = ascii_is_digit(*p) ? (uint64_t)(*p - '0' + 26)
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

/* Code points that no mapping of IDNA lets through, the commonest; len is 2 to 4. */
static bool is_never_in_name(const char *p, size_t len)
{
	unsigned char a = (unsigned char)p[0], b = (unsigned char)p[1];
	unsigned char c = len > 2 ? (unsigned char)p[2] : 0;

	if (len == 2) /* C1 controls; the no-break space is mapped to a blank */
		return a == 0xc2 && b <= 0xa0;
	if (a == 0xe2 && b == 0x80) /* blanks, marks, line ends; two hyphens are mapped */
		return c != 0x8b && c != 0x90 && c != 0x91;
	if (a == 0xe3 && b == 0x80 && c == 0x80) /* the wide blank */
		return true;
	if (a == 0xef && b == 0xbf && c >= 0xb9) /* U+FFF9 to U+FFFF */
		return true;
	/* private use */
	return a == 0xee || (a == 0xef && b < 0xa4) || (a == 0xf3 && b > 0xa0) || a >= 0xf4;
}

static bool label_is_valid(const char *p, const char *end)
{
	return !is_punycoded(p, end) || is_punycode(p + 4, end);
}

/* A name after percent-decoding; forbidden: U+0000 to U+0020, DEL, % and delimiters. */
static bool is_domain(const char *p, const char *end)
{
	const char *label = p, *start = p;
	size_t n;

	for (; p < end; p += n) {
		n = 1;
		if (ascii_is_alpha(*p) || ascii_is_digit(*p) || *p == '-')
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

/* What IDNA makes of the character at p: an ASCII one, 0 where it is dropped, else -1. */
static int mapped(const char *p, size_t len)
{
	static const char *const dropped[] = {"\xc2\xad", "\xe2\x80\x8b", "\xe2\x81\xa0",
					      "\xef\xbb\xbf"};
	const unsigned char *u = (const unsigned char *)p;
	int wide;

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (len == strlen(dropped[i]) && memcmp(p, dropped[i], len) == 0)
			return 0;
	if (len != 3)
		return -1;
	if (memcmp(p, "\xe3\x80\x82", 3) == 0 || memcmp(p, "\xef\xbd\xa1", 3) == 0)
		return '.';
	wide = (u[0] & 15) << 12 | (u[1] & 63) << 6 | (u[2] & 63);
	return wide >= 0xff01 && wide <= 0xff5e ? wide - 0xff01 + '!' : -1;
}

static size_t map_name(char *name, size_t len)
{
	size_t out = 0, n;

	for (size_t i = 0; i < len; i += n) {
		int c;

		n = utf8_sequence(name + i, len - i);
		n = n ? n : 1;
		c = n > 1 ? mapped(name + i, n) : -1;
		if (c > 0)
			name[out++] = (char)c;
		for (size_t k = 0; c < 0 && k < n; k++)
			name[out++] = name[i + k];
	}
	return out;
}

/*
 * Letters, digits, hyphens and dots, no two hyphens together, as nearly all are: nothing to decode,
 * to map or to forbid.
 */
static bool is_simple(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!ascii_is_alpha(*p) && !ascii_is_digit(*p) && *p != '.' &&
		    (*p != '-' || (end - p > 1 && p[1] == '-')))
			return false;
	return true;
}

static bool is_special_host(const char *p, const char *end)
{
	char name[HOST_MAX];
	size_t n = 0;

	if (end - p > (long)sizeof(name))
		return false;
	if (is_simple(p, end))
		return p < end && is_ip4_or_name(p, end);
	for (; p < end; p++) {
		if (*p == '%' && end - p > 2 && ascii_hex(p[1]) >= 0 && ascii_hex(p[2]) >= 0) {
			name[n++] = (char)(ascii_hex(p[1]) * 16 + ascii_hex(p[2]));
			p += 2;
		} else {
			name[n++] = *p;
		}
	}
	n = map_name(name, n);
	return n > 0 && is_domain(name, name + n);
}

static bool is_opaque_host(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!*p || is_in(*p, " #/:<>?@[\\]^|"))
			return false;
	return true;
}

bool host_is_valid(const char *p, const char *end, bool special)
{
	if (p < end && *p == '[')
		return end[-1] == ']' && is_ip6(p + 1, end - 1);
	return special ? is_special_host(p, end) : is_opaque_host(p, end);
}
