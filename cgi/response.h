/*
 * response - an answer as a CGI responder writes it, whole in one buffer.
 */
#ifndef TAMIS_CGI_RESPONSE_H
#define TAMIS_CGI_RESPONSE_H

#include <stdbool.h>

#include "buf.h"
#include "status.h"

#define RESPONSE_BODY_MAX ((size_t)16 << 20)

/* Which pages' scripts may read an answer. */
enum sharing {
	SHARE_NONE,
	SHARE_API,    /* any, by Umami's headers of every /api answer */
	SHARE_EVENTS, /* the same, but those of cors.origins with credentials */
	SHARE_FILE    /* as SHARE_EVENTS, for what is fetched without a preflight */
};

struct response {
	int code;
	enum sharing sharing;
	bool lists_origins;  /* cors.origins names some, so the answer depends on the origin */
	const char *origin;  /* the one of them that asks, else NULL */
	const char *type;    /* of the body; NULL: application/json */
	const char *headers; /* further whole lines, borrowed; NULL: none */
	const char *location;
	unsigned retry_after_s; /* 0: nothing said of it */
	struct buf lines;	/* as headers, made for this answer */
	struct buf body;	/* kept from answer to answer; empty: no body */
};

void response_init(struct response *response);
void response_free(struct response *response);
void response_reset(struct response *response);

/* A constant as the whole body. */
void response_set(struct response *response, int code, const char *body);
/* {"error":{"message":…,"code":…,"status":…}}; both strings are constants. */
void response_error(struct response *response, int code, const char *name, const char *message);
/* The HTTP code of a status, from status.def. */
int response_code(enum status status);

/* Head and body after one another. head_only: the body is left out (HEAD). */
void response_write(const struct response *response, bool head_only, struct buf *out);

#endif
