/*
 * keyblock - private keys in text span lines, and must not be cut between them.
 *
 * What follows a line of "-----BEGIN … PRIVATE KEY-----" is the key until its END,
 * or until a line that can be no part of one. The library knows that while it
 * cleans; whoever cuts its input into blocks must know it before.
 */
#ifndef SANITIZE_KEYBLOCK_H
#define SANITIZE_KEYBLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "keyline.h"

/* The first "-----BEGIN ", or NULL. */
const char *keyblock_find(const char *data, size_t len);
/* Is a key open, and what is known of its lines; begins as zeros. */
struct keyblock {
	bool open;
	struct key_lines lines;
};

/*
 * Does the line, of len bytes without its newline, belong to what came before it, if a key is open?
 * False: the key is over. *key: is one open behind the line.
 */
bool keyblock_takes(struct keyblock *key, const char *line, size_t len);

#endif
