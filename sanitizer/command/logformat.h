/*
 * logformat - log lines described in GoAccess' notation: "%h %^ %e [%d:%t %^] …".
 *
 * A line is cut at the literals between the specifiers. %^ skips; a space takes
 * any run of blanks; "~h{,"}" is a list of addresses. Quoted values may hold
 * backslash escapes.
 */
#ifndef SANITIZE_LOGFORMAT_H
#define SANITIZE_LOGFORMAT_H

#include <stddef.h>

#include "cause.h"

#define LOG_PARTS 64

struct log_part {
	const char *name; /* of the field, or NULL: skipped */
	char literal[16]; /* what follows it; empty: up to the end of the line */
	size_t literal_len;
};

struct log_format {
	char lead[16]; /* what stands before the first field */
	size_t lead_len;
	struct log_part parts[LOG_PARTS];
	size_t n;
};

struct log_value {
	const char *name, *start;
	size_t len;
};

/* COMBINED, VCOMBINED, COMMON, VCOMMON, W3C, SQUID, CLOUDFRONT, or the notation itself. */
MUST_CHECK int log_format_make(struct log_format *format, const char *text, struct cause *cause);
/*
 * Cut line[0..len), which holds no newline. Returns how many named values stand
 * in values (LOG_PARTS of room), or -1 if the line is not of this format.
 */
int log_format_cut(const struct log_format *format, const char *line, size_t len,
		   struct log_value *values);

#endif
