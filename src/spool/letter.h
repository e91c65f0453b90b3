/*
 * letter - the bytes and names of dead letters: the record is "<status> <text>\n" and the
 * clean event's record, in frames of `YYYY-MM-DD.dead`, or of `YYYY-MM-DD.dead.<µs>.taken`
 * while dead_take() is at it.
 */
#ifndef TAMIS_SPOOL_LETTER_H
#define TAMIS_SPOOL_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETTER_DAY sizeof("2026-11-20.dead")
#define LETTER_REASON_MAX 256 /* with its newline */

struct letter {
	int status;
	char text[LETTER_REASON_MAX];
};

/* Is it a file of dead letters? *taken may be NULL. */
bool letter_file(const char *name, bool *taken);
/* Move *record and *len behind the reason; letter may be NULL. */
void letter_open(const uint8_t **record, size_t *len, struct letter *letter);

#endif
