/*
 * json_valid - is a text one JSON document, by the letter of RFC 8259? (cJSON takes more:
 * escapes that are none, control characters.) Nested deeper than 200: no.
 */
#ifndef TAMIS_TEST_JSON_VALID_H
#define TAMIS_TEST_JSON_VALID_H

#include <stdbool.h>
#include <stddef.h>

bool json_valid(const char *text, size_t len);

#endif
