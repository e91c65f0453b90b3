/*
 * address - printed by hand: what is kept is short enough.
 */
#include "address.h"

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

size_t address_cut(char out[ADDRESS_TEXT_MAX], const struct net_address *address)
{
	return address->v4 ? put_ip4(out, address->ip + 12) : put_ip6(out, address->ip);
}
