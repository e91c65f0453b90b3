/*
 * quad - bytes of certain kinds as bits, sixteen at a time: quad_x86.c or quad_any.c.
 */
#ifndef SANITIZER_QUAD_H
#define SANITIZER_QUAD_H

/* Of 16 bytes at s: which are dots, which are no digits. */
void quad_masks(const unsigned char *s, unsigned *dots, unsigned *others);
/* Of 16 bytes at s: which may begin an escape, or are above 0x7f. */
unsigned escape_mask(const unsigned char *s);

#endif
