/*
 * ruleset - what san_rules_new() made of the options: strings copied, codes to come.
 */
#ifndef SANITIZER_RULESET_H
#define SANITIZER_RULESET_H

#include "detector.h"
#include "names.h"
#include "prefilter.h"

struct network {
	unsigned char bytes[16];
	uint8_t size, prefix; /* 4 or 16 bytes */
};

/* What every piece of a class becomes; NULL where that depends on the piece. */
struct plain {
	const char *text;
	size_t len;
};

struct san_rules {
	struct san_options options; /* own copies of all strings */
	const char *const *secret, *const *innocent;
	char **strings; /* every string that was copied */
	size_t n_strings;
	const char **lists; /* the NULL-ended lists, one after the other */
	struct san_own *own;
	struct network *networks; /* of options.allow; its literals are in allow */
	size_t n_networks;
	const char *const *allow;
	unsigned char key[16];
	struct plain plain[SAN_CLASSES]; /* but inside a host */
	bool drops;			 /* some class drops its record */
	struct detectors *detectors; /* each code is published once, else immutable */
	struct name_tails tails;
	const struct prefilter *prefilter;
	struct prefilter *own_prefilter; /* NULL: the standard one serves */
};

#endif
