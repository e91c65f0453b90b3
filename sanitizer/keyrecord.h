/*
 * keyrecord - the lines of a private key, each a record.
 */
#ifndef SANITIZER_KEYRECORD_H
#define SANITIZER_KEYRECORD_H

#include "engine.h"

/*
 * A key's BEGIN was in a line, in which rest, n bytes, stands behind it. seen: a part of the key,
 * too, for which a placeholder is out.
 */
void key_record_opens(struct san_scanner *scanner, const unsigned char *rest, size_t n, bool seen);
/*
 * Where one is open: what of the line of n bytes is the key's, and whatever else is found in it,
 * become the scanner's pieces. False: it is a line like any other, the key is over.
 */
bool key_record(struct san_scanner *scanner, const unsigned char *s, size_t n);

#endif
