/*
 * quad - the characters of a dotted quad as bits: quad_x86.c or quad_any.c.
 */
#ifndef SANITIZER_QUAD_H
#define SANITIZER_QUAD_H

/* Of 16 bytes at s: which are dots, which are no digits. */
void quad_masks(const unsigned char *s, unsigned *dots, unsigned *others);

#endif
