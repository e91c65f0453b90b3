/*
 * client - the address of the client behind trusted proxies.
 *
 * What a header says counts only when the peer is such a proxy, and of the addresses in
 * it only the last that is none: what stands before that anybody may have written.
 */
#ifndef TAMIS_CGI_CLIENT_H
#define TAMIS_CGI_CLIENT_H

#include "net.h"
#include "request.h"

/*
 * request->address, or an address in out, with a NUL. Of X-Forwarded-For, Forwarded,
 * X-Real-IP and CF-Connecting-IP the first that is there is read.
 */
const char *client_address(char out[NET_TEXT_MAX], const struct nets *proxies,
			   const struct request *request);

#endif
