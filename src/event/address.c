/*
 * address - parsed by inet_pton, printed by hand: what is kept is short enough.
 */
#include "address.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define SOURCE_MAX 46 /* INET6_ADDRSTRLEN */

static size_t put_decimal(char *out, unsigned value)
{
	size_t n = 0;

	if (value >= 100)
		out[n++] = (char)('0' + value / 100);
	if (value >= 10)
		out[n++] = (char)('0' + value / 10 % 10);
	out[n++] = (char)('0' + value % 10);
	return n;
}

static size_t put_hex(char *out, unsigned value)
{
	size_t n = 0;

	for (int shift = 12; shift >= 0; shift -= 4)
		if (value >> shift || shift == 0)
			out[n++] = "0123456789abcdef"[value >> shift & 15];
	return n;
}

static size_t put_ip4(char *out, const unsigned char *ip)
{
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		n += put_decimal(out + n, ip[i]);
		out[n++] = '.';
	}
	out[n++] = '0';
	return n;
}

/* Three groups and "::" (RFC 5952: the long run of zeros is always at the end). */
static size_t put_ip6(char *out, const unsigned char *ip)
{
	int groups = 3;
	size_t n = 0;

	while (groups > 0 && ip[2 * groups - 2] == 0 && ip[2 * groups - 1] == 0)
		groups--;
	for (int i = 0; i < groups; i++) {
		if (i > 0)
			out[n++] = ':';
		n += put_hex(out + n, (unsigned)ip[2 * i] << 8 | ip[2 * i + 1]);
	}
	out[n++] = ':';
	out[n++] = ':';
	return n;
}

/* Without brackets, zone and port. */
static struct text bare(struct text text)
{
	const char *colon, *end;

	if (text.len == 0)
		return text;
	if (text.data[0] == '[') {
		end = memchr(text.data, ']', text.len);
		if (!end)
			return (struct text){NULL, 0};
		text = (struct text){text.data + 1, (size_t)(end - text.data - 1)};
	} else {
		colon = memchr(text.data, ':', text.len);
		end = text.data + text.len;
		if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1)))
			text.len = (size_t)(colon - text.data);
	}
	end = text.len ? memchr(text.data, '%', text.len) : NULL;
	if (end)
		text.len = (size_t)(end - text.data);
	return text;
}

size_t address_cut(char out[ADDRESS_TEXT_MAX], struct text text)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char source[SOURCE_MAX];
	unsigned char ip[16];

	text = bare(text);
	if (text.len == 0 || text.len >= sizeof(source))
		return 0;
	memcpy(source, text.data, text.len);
	source[text.len] = '\0';
	if (strlen(source) != text.len)
		return 0;
	if (inet_pton(AF_INET, source, ip) == 1)
		return put_ip4(out, ip);
	if (inet_pton(AF_INET6, source, ip) != 1)
		return 0;
	if (memcmp(ip, mapped, sizeof(mapped)) == 0)
		return put_ip4(out, ip + 12);
	return put_ip6(out, ip);
}
