/*
 * import_line - one line of a web server's access log.
 *
 * The combined format and its common variants: without referrer and agent (common
 * log format), with the virtual host in front (vhost_combined), with more fields behind
 * the agent (combinedio, request times); the escapes of Apache, nginx and lighttpd.
 */
#ifndef TAMIS_IMPORT_LINE_H
#define TAMIS_IMPORT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All strings point into the line that was parsed; NULL where the log says "-" or nothing. */
struct import_line {
	const char *address;
	const char *host;   /* the virtual host, without its port */
	const char *method; /* "" where the request is none: "-", garbage */
	const char *url;    /* path and query; an absolute form has lost scheme and host */
	const char *referrer;
	const char *agent;
	int64_t time_s; /* since 1970 UTC */
	int status;
	bool combined; /* had referrer and agent: the line is whole */
};

/* line: len bytes and a NUL, changed in place. false: no such line. */
bool import_line_parse(struct import_line *out, char *line, size_t len);

#endif
