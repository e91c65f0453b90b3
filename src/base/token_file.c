/*
 * token_file - see token_file.h.
 */
#include "token_file.h"

#include <errno.h>
#include <string.h>

#include "buf.h"
#include "file.h"

enum status token_read(struct token *token, const char *setting, const char *path,
		       struct reason *why)
{
	struct buf text;
	enum status st;

	token->len = 0;
	if (!*path)
		return ST_OK;
	st = file_is_private(path, 1);
	if (st == ST_DENIED)
		return reason_set(why, st, "%s %s: others can read it; chmod 640 it", setting,
				  path);
	buf_init(&text, TOKEN_MAX + 2);
	if (st == ST_OK)
		st = file_read(path, &text);
	while (text.len && strchr(" \t\r\n", text.data[text.len - 1]))
		text.len--;
	if (st != ST_OK)
		reason_set(why, st, "%s %s: %s", setting, path,
			   st == ST_IO || st == ST_NOT_FOUND ? strerror(errno) : status_text(st));
	else if (text.len < TOKEN_MIN || text.len > TOKEN_MAX)
		st = reason_set(why, ST_CONFIG, "%s %s: wants %d to %d characters", setting, path,
				TOKEN_MIN, TOKEN_MAX);
	if (st == ST_OK) {
		memcpy(token->text, text.data, text.len);
		token->len = text.len;
	}
	if (text.data)
		explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return st;
}
