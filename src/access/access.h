/*
 * access - bearer tokens with scopes: 256 random bits, kept as a hash.
 *
 * The tokens' file is replaced as a whole, so a reader sees the one or the other; it is
 * looked at again when it has changed. A token looks like tamis_ and 43 letters; it is
 * told once, when it is made, and nobody can read it from the file.
 */
#ifndef TAMIS_ACCESS_H
#define TAMIS_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "config.h"
#include "status.h"

enum { /* the scopes' bits */
#define SCOPE(id, name, besides, help) SCOPE_BIT_##id,
#include "scope.def"
#undef SCOPE
       SCOPES
};
enum scope {
#define SCOPE(id, name, besides, help) SCOPE_##id = 1 << SCOPE_BIT_##id,
#include "scope.def"
#undef SCOPE
};

#define TOKEN_TEXT_BYTES 50	/* "tamis_", 43 letters of base64url, NUL */
#define TOKEN_ID_BYTES 9	/* 8 hex digits, to name a token by */
#define TOKEN_SUBJECT_BYTES 101 /* printable ASCII without blanks; "" for all subjects */

struct grant {
	char id[TOKEN_ID_BYTES];
	unsigned scopes; /* those besides included */
	char subject[TOKEN_SUBJECT_BYTES];
	int32_t expires; /* day.h */
};

struct access;

/* tokens.file, or "tokens" below state.dir; path holds STATE_PATH_BYTES and is returned. */
const char *access_path(char *path, const struct config *config);
/* path need not exist: then no token is valid. ST_DENIED: others can read or write it. */
MUST_CHECK enum status access_open(struct access **out, const char *path, struct reason *why);
void access_close(struct access *access);
/*
 * The grant of an Authorization header, "Bearer TOKEN", today. Thread-safe; takes the same
 * time for every token that is not valid. false: none, unknown, revoked, expired.
 */
bool access_grant(struct access *access, const char *authorization, int32_t today,
		  struct grant *grant);

/* Add a token to the file; its text goes to token, and is wiped by the caller. */
MUST_CHECK enum status access_make(const char *path, struct grant *grant,
				   char token[TOKEN_TEXT_BYTES], struct reason *why);
/* ST_NOT_FOUND: there is no token of this id. */
MUST_CHECK enum status access_revoke(const char *path, const char *id, struct reason *why);
/* Call visit for each token of the file. */
typedef void access_visit_fn(void *context, const struct grant *grant);
MUST_CHECK enum status access_list(const char *path, access_visit_fn *visit, void *context,
				   struct reason *why);

/* "ingest,read:team" as bits, those besides included; 0: one is unknown, or none. */
unsigned scopes_parse(const char *text);
/* The names, joined by commas, of the bits that none of the others includes. */
void scopes_text(unsigned scopes, struct buf *out);

#endif
