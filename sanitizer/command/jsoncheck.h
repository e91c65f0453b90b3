/*
 * jsoncheck - is a record JSON, one value or several, by RFC 8259?
 */
#ifndef SANITIZE_JSONCHECK_H
#define SANITIZE_JSONCHECK_H

#include <stdbool.h>
#include <stddef.h>

/* false as well for what is nested deeper than 1000. Bytes of strings may be any. */
bool json_check(const char *data, size_t len);

#endif
