/*
 * session - the ids and the token that Umami itself gives a visitor's session.
 *
 * Only who knows Umami's APP_SECRET can make them (umami.app_secret). A token that the
 * page echoes keeps its visit going where it is genuine and of the same session; Umami
 * then asks neither address nor agent again and makes no new visit at the full hour.
 */
#ifndef TAMIS_EVENT_SESSION_H
#define TAMIS_EVENT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "text.h"

#define SESSION_ID_BYTES 37
#define SESSION_TOKEN_MAX 384
#define SESSION_SECRET_BYTES 129 /* in hex, with NUL */

struct session {
	char id[SESSION_ID_BYTES], visit[SESSION_ID_BYTES];
	char token[SESSION_TOKEN_MAX];
	bool known; /* Umami has seen it: a genuine token was echoed */
};

/* Whose session it is; of id, or where there is none (len 0) of ip, agent and month. */
struct session_of {
	const char *website; /* UUID in lower case */
	struct text id, ip, agent;
	int64_t time_s; /* of the event */
	int64_t now_s;
};

/* What Umami derives all hashes from. */
void session_secret(char out[SESSION_SECRET_BYTES], const char *app_secret);
/* echoed: what came as x-umami-cache, NULL: nothing. arena: for reading it. */
void session_make(struct session *out, const char secret[SESSION_SECRET_BYTES],
		  const struct session_of *of, const char *echoed, struct arena *arena);

#endif
