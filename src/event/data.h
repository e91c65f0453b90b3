/*
 * data - an event's free-form members, written so that Umami's database takes them.
 */
#ifndef TAMIS_EVENT_DATA_H
#define TAMIS_EVENT_DATA_H

#include "clean.h"
#include "json.h"
#include "text.h"

#define DATA_LONGEST 500 /* characters of a string, of an array as text, of a path of keys */

/*
 * object as JSON.stringify would, without NUL, with numbers that fit and no currency
 * that cannot be booked. repairs counts what was changed.
 */
void data_write(struct writer *writer, const struct json *object, uint8_t *repairs);
/* object again, with everything cut to DATA_LONGEST. */
void data_write_cut(struct writer *writer, const struct json *object, uint8_t *repairs);
void number_json(struct writer *writer, const struct json *number);

/* text without NUL; *n counts if there were any. data NULL: no memory. */
struct text without_nul(struct arena *arena, struct text text, uint8_t *n);
/* The same for "%00", where Umami would decode it. */
struct text without_escaped_nul(struct arena *arena, struct text text, uint8_t *n);
void repair_count(uint8_t *n);

#endif
