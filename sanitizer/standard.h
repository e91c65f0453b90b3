/*
 * standard - the tables of the built-in detectors, made when the library is built.
 *
 * To make them takes about a million instructions: nothing for a process that scans a log, much
 * for one that is started for each request. standard_make.c prints them as standard.c.
 */
#ifndef SANITIZER_STANDARD_H
#define SANITIZER_STANDARD_H

#include "names.h"
#include "prefilter.h"

struct standard {
	struct prefilter prefilter; /* with addresses, without words' starts */
	struct name_tails tails;    /* of no names of one's own */
};

/* Printed byte by byte, in the order that this machine has them in memory. */
union standard_image {
	unsigned char bytes[sizeof(struct standard)];
	struct standard tables;
};
extern const union standard_image standard_image;

/* Made anew, as for patterns and names of one's own; false: no memory. */
bool standard_make(struct standard *out);

#endif
