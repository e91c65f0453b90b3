/*
 * token - see token.h.
 */
#include "token.h"

#include <string.h>
#include <strings.h>

bool token_presented(const struct token *token, const char *authorization)
{
	static const char scheme[] = "Bearer ";
	const char *given;
	unsigned different = 0;
	size_t len;

	if (!token->len || !authorization ||
	    strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
		return false;
	given = authorization + sizeof scheme - 1;
	len = strlen(given);
	for (size_t i = 0; i < len; i++)
		different |= (unsigned char)(given[i] ^ token->text[i % token->len]);
	return different == 0 && len == token->len;
}
