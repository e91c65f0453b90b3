/*
 * mask - may a text stand in the place of what was taken out, wherever that was?
 *
 * In a string of JSON, a cell of CSV, a pair of logfmt, an attribute, a URL's query: not what ends
 * one of these. The library and the rules' grammar, which is linked apart, ask alike.
 */
#ifndef SANITIZER_MASK_H
#define SANITIZER_MASK_H

#include <stdbool.h>
#include <string.h>

#define MASK_RULE "blanks, control characters, quotes, backslashes and any of , ; | & < >"

static inline bool mask_fits(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127 || strchr("\"'`\\,;|&<>", *p))
			return false;
	return true;
}

#endif
