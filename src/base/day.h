/*
 * day - a date as the number of days since 1970-01-01 UTC, and as "YYYY-MM-DD".
 */
#ifndef TAMIS_BASE_DAY_H
#define TAMIS_BASE_DAY_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define DAY_BYTES 11
#define DAY_NEVER INT32_MAX

/* From 1970 to 9999, in text and number. A time of day behind it ("T...", " ...") is cut off.
 * ST_INVALID: no date. */
MUST_CHECK enum status day_parse(int32_t *day, const char *text, size_t len);
/* Writes DAY_BYTES into text and returns it. */
const char *day_text(char *text, int32_t day);

#endif
