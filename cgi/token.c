/*
 * token - see token.h.
 */
#include "token.h"

#include <string.h>
#include <strings.h>

#include "buf.h"
#include "file.h"

enum status token_read(struct token *token, const char *path, struct reason *why)
{
	struct buf text;
	enum status st;

	token->len = 0;
	if (!*path)
		return ST_OK;
	st = file_is_private(path, 1);
	if (st == ST_DENIED)
		return reason_set(why, st,
				  "metrics.token_file %s: others can read it; chmod 640 it", path);
	buf_init(&text, TOKEN_MAX + 2);
	if (st == ST_OK)
		st = file_read(path, &text);
	while (text.len && strchr(" \t\r\n", text.data[text.len - 1]))
		text.len--;
	if (st != ST_OK)
		reason_set(why, st, "metrics.token_file %s: %s", path, status_text(st));
	else if (text.len < TOKEN_MIN || text.len > TOKEN_MAX)
		st = reason_set(why, ST_CONFIG, "metrics.token_file %s: wants %d to %d characters",
				path, TOKEN_MIN, TOKEN_MAX);
	if (st == ST_OK) {
		memcpy(token->text, text.data, text.len);
		token->len = text.len;
	}
	if (text.data)
		explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return st;
}

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
