/*
 * net - read by inet_pton, once the ornaments are gone.
 */
#include "net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Without brackets, zone and port; *len 0 where brackets do not close. */
static const char *bare(const char *text, size_t *len)
{
	const char *end = text + *len, *colon;

	if (*len == 0)
		return text;
	if (*text == '[') {
		end = memchr(text, ']', *len);
		text++;
		*len = end ? (size_t)(end - text) : 0;
	} else {
		colon = memchr(text, ':', *len);
		if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1)))
			*len = (size_t)(colon - text);
	}
	end = *len ? memchr(text, '%', *len) : NULL;
	if (end)
		*len = (size_t)(end - text);
	return text;
}

/*
 * Four decimal numbers, as most clients' addresses are: a tenth of inet_pton(). false: something
 * else, or not written as inet_pton() wants it.
 */
static bool read_dotted(unsigned char ip[4], const char *text, size_t len)
{
	const char *end = text + len;

	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		const char *start;

		if (i > 0 && (text == end || *text++ != '.'))
			return false;
		for (start = text; text < end && *text >= '0' && *text <= '9'; text++) {
			value = value * 10 + (unsigned)(*text - '0');
			if (value > 255 || (text > start && *start == '0'))
				return false;
		}
		if (text == start)
			return false;
		ip[i] = (unsigned char)value;
	}
	return text == end;
}

bool net_address_read(struct net_address *out, const char *text, size_t len)
{
	char source[NET_TEXT_MAX];

	out->v4 = read_dotted(out->ip + sizeof(mapped), text, len);
	if (out->v4) {
		memcpy(out->ip, mapped, sizeof(mapped));
		return true;
	}

	text = bare(text, &len);
	if (len == 0 || len >= sizeof(source) || memchr(text, '\0', len))
		return false;
	memcpy(source, text, len);
	source[len] = '\0';
	if (inet_pton(AF_INET, source, out->ip + sizeof(mapped)) == 1) {
		memcpy(out->ip, mapped, sizeof(mapped));
		out->v4 = true;
		return true;
	}
	if (inet_pton(AF_INET6, source, out->ip) != 1)
		return false;
	out->v4 = memcmp(out->ip, mapped, sizeof(mapped)) == 0;
	return true;
}

size_t net_address_write(char out[NET_TEXT_MAX], const struct net_address *address)
{
	const unsigned char *ip = address->v4 ? address->ip + sizeof(mapped) : address->ip;

	if (!inet_ntop(address->v4 ? AF_INET : AF_INET6, ip, out, NET_TEXT_MAX))
		return 0;
	return strlen(out);
}

bool net_read(struct net *net, const char *text)
{
	size_t len = strcspn(text, "/");
	unsigned long most, bits;
	char *end;

	if (!net_address_read(&net->address, text, len))
		return false;
	most = net->address.v4 ? 32 : 128;
	bits = most;
	if (text[len] == '/') {
		bits = strtoul(text + len + 1, &end, 10);
		if (text[len + 1] < '0' || text[len + 1] > '9' || *end || bits > most)
			return false;
	}
	net->bits = (unsigned)(bits + 128 - most);
	return true;
}

enum status nets_read(struct nets *out, const struct config_list *list, const char *key,
		      struct reason *why)
{
	*out = (struct nets){calloc(list->n + 1, sizeof(*out->items)), 0};
	if (!out->items)
		return ST_NO_MEMORY;
	for (; out->n < list->n; out->n++)
		if (!net_read(&out->items[out->n], list->items[out->n])) {
			size_t at = out->n + 1;

			nets_free(out);
			return reason_set(why, ST_CONFIG,
					  "%s: entry %zu is no address and no network such as "
					  "192.0.2.0/24",
					  key, at);
		}
	return ST_OK;
}

void nets_free(struct nets *nets)
{
	free(nets->items);
	*nets = (struct nets){NULL, 0};
}

static bool net_has(const struct net *net, const struct net_address *address)
{
	unsigned bytes = net->bits / 8, rest = net->bits % 8;

	if (memcmp(net->address.ip, address->ip, bytes) != 0)
		return false;
	return rest == 0 || (net->address.ip[bytes] ^ address->ip[bytes]) >> (8 - rest) == 0;
}

bool nets_have(const struct nets *nets, const struct net_address *address)
{
	for (size_t i = 0; i < nets->n; i++)
		if (net_has(&nets->items[i], address))
			return true;
	return false;
}
