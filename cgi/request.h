/*
 * request - what tamis wants to know of an HTTP request, however it came in.
 *
 * Everything is raw and borrowed from the CGI environment. Nothing here is ever logged, and
 * a token that is presented (authorization) is only compared, never kept.
 */
#ifndef TAMIS_CGI_REQUEST_H
#define TAMIS_CGI_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "status.h"

enum method {
	METHOD_GET = 1,
	METHOD_HEAD = 2,
	METHOD_POST = 4,
	METHOD_OPTIONS = 8,
	METHOD_OTHER = 16
};

#define REQUEST_PATH_MAX 1024

struct request {
	char path[REQUEST_PATH_MAX]; /* SCRIPT_NAME + PATH_INFO; "" when it is longer */
	enum method method;
	const char *path_info;	     /* "" if there is none */
	const char *address;	     /* these are NULL where unknown */
	const char *user_agent;
	const char *authorization;
	const char *forwarded_for, *forwarded, *real_ip, *cf_ip; /* see client.h */
	const char *cache;					 /* x-umami-cache */
	const char *query;					 /* without its ? */
	const char *origin, *referer, *accept, *accept_encoding, *if_none_match;
	bool do_not_track; /* DNT: 1 or Sec-GPC: 1 */
};

/* One of the CGI environment; the name need not be terminated. */
struct variable {
	const char *name;
	size_t len; /* of the name */
	const char *value;
};

/* Of an environment as programs have it, a NULL-terminated list of "NAME=value": at most max. */
size_t variables_of(struct variable *out, size_t max, char *const *environment);
void request_read(struct request *request, const struct variable *variables, size_t n);

/* Where a body comes from: bytes read, 0 at its end, < 0 when it broke off or timed out. */
typedef long body_read_fn(void *context, char *data, size_t size);

struct body_source {
	body_read_fn *read;
	void *context;
	int64_t deadline_us; /* clock_coarse_us() at which the sender has had time enough */
	size_t max_bytes;
};

/* Room that the buffer of a body needs beyond max_bytes. */
#define BODY_PIECE ((size_t)8 << 10)

/*
 * Read to the end of the body, whatever length was announced, so that a kept connection
 * can go on. ST_TOO_LARGE: over max_bytes, the rest was read and dropped.
 * ST_UNAVAILABLE: it broke off, came too slowly, or does not end. ST_NO_MEMORY.
 */
MUST_CHECK enum status request_body(struct buf *body, const struct body_source *source);
/* Read and drop what is left of it; the same outcomes, ST_OK where nothing was left. */
MUST_CHECK enum status request_drop(const struct body_source *source);

#endif
