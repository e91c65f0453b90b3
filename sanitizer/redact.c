/*
 * redact - placeholders, truncated addresses, keyed pseudonyms.
 */
#include "redact.h"

#include "chars.h"
#include "eight.h"
#include "ruleset.h"
#include "validate.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
#define PSEUDONYM_CHARS 13

size_t placeholder_length(const unsigned char *s, size_t n)
{
	size_t i = 1, colon;

	if (n < 10 || s[0] != '[' || !is_upper(s[1]))
		return 0;
	while (i < n && i < 64 && (is_upper(s[i]) || is_digit(s[i]) || s[i] == '_'))
		i++;
	if (i == n)
		return 0;
	if (s[i] == ']')
		return !memcmp(s + 1, "REDACTED", 8) && (i == 9 || s[9] == '_') ? i + 1 : 0;
	if (s[i] != ':' || n - i < PSEUDONYM_CHARS + 2)
		return 0;
	colon = i;
	for (i++; i <= colon + PSEUDONYM_CHARS; i++)
		if (!is_lower(s[i]) && !(s[i] >= '2' && s[i] <= '7'))
			return 0;
	return s[i] == ']' ? i + 1 : 0;
}

/* The value as it is compared: decoded, without case, separators of numbers dropped. */
static size_t normalise(const struct piece *p, const unsigned char *raw, unsigned char *out,
			size_t cap)
{
	bool number = p->san_class == SAN_CARD || p->san_class == SAN_PHONE ||
		      p->san_class == SAN_IBAN || p->san_class == SAN_SSN ||
		      p->san_class == SAN_MAC;
	bool exact =
	    p->san_class == SAN_SECRET || p->san_class == SAN_JWT || p->san_class == SAN_API_KEY;
	size_t n = 0;

	for (size_t i = p->start; i < p->end && n < cap; i++) {
		unsigned char c = raw[i];
		if (c == '%' && i + 2 < p->end && is_hex(raw[i + 1]) && is_hex(raw[i + 2])) {
			c = (unsigned char)(hex_value(raw[i + 1]) << 4 | hex_value(raw[i + 2]));
			i += 2;
		}
		if (number && !is_alnum(c) && c != '+')
			continue;
		out[n++] = exact ? c : to_lower(c);
	}
	return n;
}

/* The one spelling of an IPv6 address, without zone; of one that holds an IPv4 address, that. */
static size_t normalise_ip6(unsigned char *text, size_t n)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	char spelt[INET6_ADDRSTRLEN + 32];
	unsigned char bytes[16];

	if (n >= sizeof(spelt))
		return n;
	memcpy(spelt, text, n);
	spelt[n] = 0;
	spelt[strcspn(spelt, "%")] = 0;
	if (inet_pton(AF_INET6, spelt, bytes) != 1)
		return n;
	bool is_mapped = !memcmp(bytes, mapped, sizeof(mapped));
	(void)inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? bytes + 12 : bytes, spelt,
			sizeof(spelt));
	n = strlen(spelt);
	memcpy(text, spelt, n);
	return n;
}

/* What is dialled abroad: `0049…` is `+49…`. */
static size_t normalise_phone(unsigned char *text, size_t n)
{
	if (n < 2 || text[0] != '0' || text[1] != '0')
		return n;
	text[0] = '+';
	memmove(text + 1, text + 2, n - 2);
	return n - 1;
}

/* Are they all from '.' to '9'? */
static bool digits_and_dots(uint64_t bytes)
{
	uint64_t above = (bytes & EIGHT(0x7f)) + EIGHT(0x7f - '9'),
		 below = (bytes | EIGHT(0x80)) - EIGHT('.');

	return !((bytes | above | ~below) & EIGHT(0x80));
}

#define QUAD_MIN 8 /* most are longer */
#define QUAD_MAX 15

/* An address of digits and dots is compared as it stands: its length; 0: it is another value. */
static size_t plain_quad(const struct piece *p, const unsigned char *raw, unsigned char *out)
{
	size_t len = p->end - p->start;
	uint64_t first, last;

	if (p->san_class != SAN_IP || len < QUAD_MIN || len > QUAD_MAX)
		return 0;
	memcpy(&first, raw + p->start, sizeof(first));
	memcpy(&last, raw + p->end - sizeof(last), sizeof(last));
	memcpy(out, &first, sizeof(first));
	memcpy(out + len - sizeof(last), &last, sizeof(last));
	return digits_and_dots(first) & digits_and_dots(last) ? len : 0;
}

/*
 * What values have in common that get one pseudonym, behind value[0]. Returns its length, that
 * byte included.
 */
static size_t compared_as(const struct piece *p, const unsigned char *raw, unsigned char *value,
			  size_t cap)
{
	size_t len = plain_quad(p, raw, value + 1);

	if (len)
		return len + 1;
	len = normalise(p, raw, value + 1, cap - 1);
	if (p->san_class == SAN_PHONE)
		len = normalise_phone(value + 1, len);
	else if (p->san_class == SAN_IP && memchr(value + 1, ':', len))
		len = normalise_ip6(value + 1, len);
	return len + 1;
}

static size_t pseudonym(const struct san_rules *rules, const struct piece *p,
			const unsigned char *raw, unsigned char *out)
{
	unsigned char value[1024], digest[crypto_shorthash_BYTES];
	uint64_t bits = 0;
	const char *name = p->san_class == SAN_OWN ? p->rule : san_class_name(p->san_class);
	size_t n = 0;

	value[0] = p->san_class;
	crypto_shorthash(digest, value, compared_as(p, raw, value, sizeof(value)), rules->key);
	for (size_t i = 0; i < sizeof(digest); i++)
		bits |= (uint64_t)digest[i] << 8 * i;
	out[n++] = '[';
	for (; *name; name++)
		out[n++] = is_lower((unsigned char)*name) ? (unsigned char)(*name - 32)
							  : (unsigned char)*name;
	out[n++] = ':';
	for (int i = 0; i < PSEUDONYM_CHARS; i++) {
		out[n++] = (unsigned char)base32[bits & 31];
		bits >>= 5;
	}
	out[n++] = ']';
	return n;
}

static void clear_bits(unsigned char *bytes, size_t size, unsigned keep)
{
	for (size_t i = 0; i < size; i++) {
		unsigned bits = keep > 8 * i ? keep - 8 * (unsigned)i : 0;
		bytes[i] = (unsigned char)(bytes[i] & (bits >= 8 ? 0xffu : 0xff00u >> bits));
	}
}

/* Octets are spelt alike everywhere: whole ones of the prefix are copied. */
static size_t truncate_quad(const unsigned char *s, const unsigned dots[3], unsigned prefix,
			    unsigned char *out)
{
	unsigned whole = prefix / 8, bits = prefix % 8;
	size_t n = whole == 0 ? 0 : whole == 4 ? 0 : dots[whole - 1] + 1u;

	memcpy(out, s, n);
	for (unsigned i = whole; i < 4; i++) {
		unsigned value = 0;
		size_t from = i == 0 ? 0 : dots[i - 1] + 1u;
		for (size_t k = from; i == whole && bits && is_digit(s[k]) && k < from + 3; k++)
			value = value * 10 + (s[k] - '0');
		value &= i == whole ? 0xff00u >> bits & 0xff : 0;
		n += (size_t)sprintf((char *)out + n, i < 3 ? "%u." : "%u", value);
	}
	return n;
}

/* Length of three octets and their dots, 0 where the piece is spelt in any other way. */
static size_t quad_front(const unsigned char *s, size_t n)
{
	size_t last = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.')
			last = i + 1;
		else if (!is_digit(s[i]))
			return 0;
	}
	return last;
}

/* The prefix stays, host bits become 0; a zone goes. 0: no address after all, redact. */
static size_t truncate_address(const struct san_rules *rules, const struct piece *p,
			       const unsigned char *raw, unsigned char *out)
{
	char text[128];
	unsigned char bytes[16];
	size_t n;
	unsigned dots[3];
	unsigned prefix = rules->options.ip4_prefix;

	if (prefix == 24 && (n = quad_front(raw + p->start, p->end - p->start)) > 0) {
		memcpy(out, raw + p->start, n);
		out[n] = '0';
		return n + 1;
	}
	n = normalise(p, raw, (unsigned char *)text, sizeof(text) - 1);
	text[n] = 0;
	text[strcspn(text, "%")] = 0;
	n = strlen(text);
	if (n > 0 && ip4_parse((unsigned char *)text, n, dots) == n) {
		if (prefix < 32)
			return truncate_quad((unsigned char *)text, dots, prefix, out);
		memcpy(out, text, n);
		return n;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return 0;
	if (!memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12))
		clear_bits(bytes + 12, 4, rules->options.ip4_prefix);
	else
		clear_bits(bytes, 16, rules->options.ip6_prefix);
	if (!inet_ntop(AF_INET6, bytes, text, sizeof(text)))
		return 0;
	n = strlen(text);
	memcpy(out, text, n);
	return n;
}

static size_t last4(const struct piece *p, const unsigned char *raw, unsigned char *out)
{
	unsigned char digits[64];
	size_t n = normalise(p, raw, digits, sizeof(digits));

	return n < 4 ? 0
		     : (size_t)sprintf((char *)out, "[REDACTED_CARD_%.4s]", (char *)digits + n - 4);
}

/* A host must stay one: letters, digits and hyphens. */
static size_t host_label(const struct piece *p, unsigned char *out)
{
	size_t n = (size_t)sprintf((char *)out, "redacted-%s", san_class_name(p->san_class));

	for (size_t i = 0; i < n; i++)
		out[i] = out[i] == '_' ? '-' : out[i];
	return n;
}

size_t redact_piece(const struct san_rules *rules, const struct piece *p, const unsigned char *raw,
		    unsigned char *out, const char **text)
{
	enum san_action action = rules->options.action[p->san_class];
	size_t n = 0;

	*text = NULL;
	if (p->silent)
		return 0;
	if (action == SAN_TRUNCATE && p->san_class == SAN_IP)
		n = truncate_address(rules, p, raw, out);
	else if (action == SAN_PSEUDONYM)
		n = pseudonym(rules, p, raw, out);
	else if (action == SAN_LAST4 && p->san_class == SAN_CARD)
		n = last4(p, raw, out);
	else if (action == SAN_MASK && rules->options.mask && rules->options.mask[p->san_class])
		*text = rules->options.mask[p->san_class];
	else if (p->san_class == SAN_OWN)
		for (size_t i = 0; i < rules->options.n_own; i++)
			if (rules->own[i].name == p->rule)
				*text = rules->own[i].placeholder;
	if (n > 0)
		return n;
	if (!*text && p->host && p->san_class != SAN_IP)
		return host_label(p, out);
	if (!*text)
		*text = san_class_placeholder(p->san_class);
	return strlen(*text);
}
