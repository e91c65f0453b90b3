/*
 * keyrecord - the lines of a private key, each a record.
 */
#ifndef SANITIZER_KEYRECORD_H
#define SANITIZER_KEYRECORD_H

#include "engine.h"

/* The line r was looked at: if a key begins in it, and does not end there, lines of it may follow. */
void keyrecord_open(struct san_scanner *scanner, const struct record *r);
/*
 * While one is open: what of the line of n bytes is the key's, and whatever else is found in it,
 * become the scanner's pieces. False: it is too long, and the key over.
 */
bool keyrecord_take(struct san_scanner *scanner, const unsigned char *s, size_t n);

#endif
