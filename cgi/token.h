/*
 * token - a bearer token that lies in a file which only its owner (and group) may read.
 */
#ifndef TAMIS_CGI_TOKEN_H
#define TAMIS_CGI_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

#define TOKEN_MIN 16
#define TOKEN_MAX 512

struct token {
	size_t len; /* 0: unset, nothing matches */
	char text[TOKEN_MAX + 1];
};

/* path "": unset. ST_DENIED, ST_CONFIG, ST_IO: why names the file, never what is in it. */
MUST_CHECK enum status token_read(struct token *token, const char *path, struct reason *why);
/* An Authorization header (NULL: none) against the token, in time that depends on its length only.
 */
bool token_presented(const struct token *token, const char *authorization);

#endif
