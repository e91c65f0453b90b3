/*
 * keyblock - private keys in text span lines, and should not be cut between them.
 *
 * Which lines behind "-----BEGIN … PRIVATE KEY-----" are the key's is told by the same code as in
 * the library (keyline.h), which knows while it cleans; whoever cuts its input into blocks must know
 * before.
 */
#ifndef SANITIZE_KEYBLOCK_H
#define SANITIZE_KEYBLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "keyline.h"

/* The first "-----BEGIN ", or NULL. */
const char *keyblock_find(const char *data, size_t len);
/*
 * The next line, of len bytes without its newline: is anything in it of a key that was open before?
 * *key: may one go on behind the line; begins as zeros. To call it open longer than the library
 * does is harmless.
 */
bool keyblock_takes(struct keyline *key, const char *line, size_t len);
/* Is a cut behind that line to wait? Not for long: whoever follows a log waits, too. */
bool keyblock_goes_on(const struct keyline *key);

#endif
