/*
 * day - civil dates by counting years that begin in March (Hinnant, "chrono-compatible
 * low-level date algorithms").
 */
#include "day.h"

#include <stdbool.h>
#include <stdio.h>

static int32_t from_civil(int32_t year, int32_t month, int32_t day)
{
	int32_t y = month <= 2 ? year - 1 : year;
	int32_t era = y / 400, of_era = y - era * 400;
	int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool number(int32_t *out, const char *text, size_t len)
{
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*out = *out * 10 + (text[i] - '0');
	}
	return true;
}

enum status day_parse(int32_t *day, const char *text, size_t len)
{
	int32_t year, month, date;
	char again[DAY_BYTES];

	if (len < 10 || (len > 10 && text[10] != 'T' && text[10] != ' ') || text[4] != '-' ||
	    text[7] != '-' || !number(&year, text, 4) || !number(&month, text + 5, 2) ||
	    !number(&date, text + 8, 2) || year < 1970 || month < 1 || month > 12 || date < 1)
		return ST_INVALID;
	*day = from_civil(year, month, date);
	/* 31 April would be 1 May. */
	return day_text(again, *day)[9] == text[9] && again[8] == text[8] ? ST_OK : ST_INVALID;
}

const char *day_text(char *text, int32_t day)
{
	int32_t z = day + 719468, era = z / 146097, of_era = z - era * 146097;
	int32_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int32_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int32_t month = (5 * of_year + 2) / 153;
	unsigned date = (unsigned)(of_year - (153 * month + 2) / 5 + 1) % 100;

	month = month < 10 ? month + 3 : month - 9;
	snprintf(text, DAY_BYTES, "%04u-%02u-%02u",
		 (unsigned)(y + era * 400 + (month <= 2)) % 10000, (unsigned)month % 100, date);
	return text;
}
