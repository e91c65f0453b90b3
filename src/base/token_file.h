/*
 * token_file - a bearer token that lies in a file which only its owner (and group) may read.
 */
#ifndef TAMIS_BASE_TOKEN_FILE_H
#define TAMIS_BASE_TOKEN_FILE_H

#include <stddef.h>

#include "status.h"

#define TOKEN_MIN 16
#define TOKEN_MAX 512

struct token {
	size_t len; /* 0: unset, nothing matches */
	char text[TOKEN_MAX + 1];
};

/*
 * path "": unset. ST_DENIED, ST_CONFIG, ST_IO: why names the setting and the file, never what is
 * in it.
 */
MUST_CHECK enum status token_read(struct token *token, const char *setting, const char *path,
				  struct reason *why);

#endif
