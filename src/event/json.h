/*
 * json - what JSON.parse takes, read into one arena.
 *
 * Strings without escapes are borrowed from the text, which must live as long as
 * the tree. Every string has a length and may hold NUL; it is always well-formed
 * UTF-8 (what is not becomes U+FFFD, as in a browser). Duplicate keys all stay, in
 * order: the last one counts.
 */
#ifndef TAMIS_EVENT_JSON_H
#define TAMIS_EVENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "status.h"

#define JSON_DEPTH_MAX 64
/* Values at most: so many, and one more for so many bytes. It bounds the arena's use. */
#define JSON_VALUES_FREE 10000
#define JSON_VALUE_BYTES 8

/* JSON_UNDEFINED: what is not there; never in a tree. */
enum json_type {
	JSON_UNDEFINED,
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON_TYPES
};

struct json {
	const struct json *next; /* in its array or object */
	const char *key;	 /* in an object */
	union {
		const char *text; /* string: its value; number, boolean: as written */
		const struct json *child;
	};
	uint32_t key_len;
	uint32_t len; /* of text; or how many children */
	enum json_type type;
};

/*
 * Read len bytes. A leading byte order mark is skipped, nothing may follow the value.
 * ST_INVALID: no JSON. ST_TOO_LARGE: deeper or denser than the limits above.
 * ST_NO_MEMORY: over the arena's cap.
 */
MUST_CHECK enum status json_read(const struct json **out, struct arena *arena, const char *text,
				 size_t len);

/* The last member of that name, or NULL. */
const struct json *json_member(const struct json *object, const char *name);
bool json_is(const struct json *string, const char *value);

#endif
