/*
 * client - a chain is walked from its end, as long as it names trusted proxies.
 */
#include "client.h"

#include <string.h>
#include <strings.h>

/* [*p, end) without blanks and quotes around it. */
static size_t trim(const char **p, const char *end)
{
	while (*p < end && memchr(" \t\"", **p, 3))
		(*p)++;
	while (end > *p && memchr(" \t\"", end[-1], 3))
		end--;
	return (size_t)(end - *p);
}

/* The value of for= in one element of Forwarded, [*p, end); 0: there is none. */
static size_t take_for(const char **p, const char *end)
{
	const char *next, *pair = *p;

	for (; pair < end; pair = next + 1) {
		next = memchr(pair, ';', (size_t)(end - pair));
		if (!next)
			next = end;
		while (pair < next && *pair == ' ')
			pair++;
		if (next - pair > 4 && strncasecmp(pair, "for=", 4) == 0) {
			*p = pair + 4;
			return trim(p, next);
		}
	}
	return 0;
}

/* The last address of the chain that is no proxy's; false: it names none. */
static bool walk(struct net_address *client, const char *chain, bool forwarded,
		 const struct nets *proxies)
{
	const char *end = chain + strlen(chain);
	struct net_address read;
	bool found = false;

	for (;;) {
		const char *comma = memrchr(chain, ',', (size_t)(end - chain));
		const char *p = comma ? comma + 1 : chain;
		size_t len = forwarded ? take_for(&p, end) : trim(&p, end);

		if (!net_address_read(&read, p, len))
			return found;
		*client = read;
		found = true;
		if (!comma || !nets_have(proxies, &read))
			return true;
		end = comma;
	}
}

const char *client_address(char out[NET_TEXT_MAX], const struct nets *proxies,
			   const struct request *request)
{
	const char *const chains[] = {request->forwarded_for, request->forwarded, request->real_ip,
				      request->cf_ip};
	const char *peer = request->address;
	struct net_address client;

	if (proxies->n == 0 || !peer || !net_address_read(&client, peer, strlen(peer)) ||
	    !nets_have(proxies, &client))
		return peer;
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		if (!chains[i])
			continue;
		if (!walk(&client, chains[i], chains[i] == request->forwarded, proxies))
			return peer;
		return net_address_write(out, &client) ? out : peer;
	}
	return peer;
}
