/*
 * token - a request's Authorization against the token of token_file.h.
 */
#ifndef TAMIS_CGI_TOKEN_H
#define TAMIS_CGI_TOKEN_H

#include <stdbool.h>

#include "token_file.h"

/* An Authorization header (NULL: none) against the token, in time that depends on its length only.
 */
bool token_presented(const struct token *token, const char *authorization);

#endif
