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

/* The first "-----BEGIN ", or NULL. */
const char *keyblock_find(const char *data, size_t len);
/* Is a key open after this line, of len bytes without its newline, if one was before it? */
bool keyblock_after(bool open, const char *line, size_t len);

#endif
