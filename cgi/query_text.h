/*
 * query_text - one parameter of a query string, decoded.
 */
#ifndef TAMIS_CGI_QUERY_TEXT_H
#define TAMIS_CGI_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a parameter, len its length (still encoded); NULL: it is not there. */
const char *query_parameter(const char *query, const char *name, size_t *len);
/* What "%4a" or '+' at text[*i] stands for, or the byte itself; *i moves to its last byte. */
unsigned char query_byte(const char *text, size_t len, size_t *i);
/* The parameter as a string, "" if it is not there. false: longer than size, or holds a NUL. */
bool query_text(const char *query, const char *name, char *out, size_t size);

#endif
