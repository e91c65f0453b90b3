/*
 * letter - the record of a dead letter: "<status> <text>\n" and the clean event's record,
 * in frames of a file `YYYY-MM-DD.dead`.
 */
#ifndef TAMIS_SPOOL_LETTER_H
#define TAMIS_SPOOL_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETTER_REASON_MAX 256 /* with its newline */

struct letter {
	int status;
	char text[LETTER_REASON_MAX];
};

bool letter_file(const char *name);
/* Move *record and *len behind the reason; letter may be NULL. */
void letter_open(const uint8_t **record, size_t *len, struct letter *letter);

#endif
