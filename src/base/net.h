/*
 * net - network addresses as people and web servers write them, and networks of them.
 *
 * An IPv4 address is kept as the IPv6 address that maps it, so both kinds compare.
 */
#ifndef TAMIS_BASE_NET_H
#define TAMIS_BASE_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "status.h"

#define NET_TEXT_MAX 46 /* INET6_ADDRSTRLEN */

struct net_address {
	unsigned char ip[16];
	bool v4;
};

struct net {
	struct net_address address;
	unsigned bits; /* of the 128 that count */
};

struct nets {
	struct net *items;
	size_t n;
};

/*
 * IPv4, IPv6 (with zone, in brackets), IPv4 in IPv6; a port may follow. False: text is
 * no address.
 */
bool net_address_read(struct net_address *out, const char *text, size_t len);
/* Without NUL; returns the length. */
size_t net_address_write(char out[NET_TEXT_MAX], const struct net_address *address);

/* "192.0.2.0/24", "2001:db8::/32", a single address. False: text is none of them. */
bool net_read(struct net *net, const char *text);

/* ST_CONFIG: why names the key, never the value. ST_OK: end it with nets_free(). */
MUST_CHECK enum status nets_read(struct nets *out, const struct config_list *list, const char *key,
				 struct reason *why);
void nets_free(struct nets *nets);
bool nets_have(const struct nets *nets, const struct net_address *address);

#endif
