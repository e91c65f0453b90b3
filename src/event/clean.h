/*
 * clean - an event that is fit to be kept, counted and sent.
 *
 * Made only by event_sanitize(), or re-read from what clean_record() gave.
 * Everything is in one contiguous record, so keeping it is one write.
 */
#ifndef TAMIS_CLEAN_H
#define TAMIS_CLEAN_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "status.h"

struct clean;
struct session; /* session.h */

enum clean_type { CLEAN_EVENT, CLEAN_IDENTIFY, CLEAN_PERFORMANCE, CLEAN_TYPES };

/* What was repaired so that Umami does not break on it; see repair.def. */
enum repair {
#define REPAIR(name, label, help) REPAIR_##name,
#include "repair.def"
#undef REPAIR
	REPAIRS
};

#define CLEAN_CLASSES 16 /* at least SAN_CLASSES */

/* The record's bytes, borrowed. clean_read() of them gives an equal clean event. */
const void *clean_record(const struct clean *clean, size_t *len);
/* ST_CORRUPT: no record of a version that is known. The bytes are borrowed. */
MUST_CHECK enum status clean_read(struct clean **out, struct arena *arena, const void *record,
				  size_t len);

/* {"type":…,"payload":{…}} with ip, userAgent and timestamp inside, borrowed. */
const char *clean_json(const struct clean *clean, size_t *len);
/* What goes along as x-umami-cache; "" for nothing. */
const char *clean_token(const struct clean *clean);
/* For the answer: whose session it is; NULL where that is unknown, and after clean_read(). */
const struct session *clean_session(const struct clean *clean);
enum clean_type clean_type(const struct clean *clean);
/* Lower-case UUID of website, link or pixel; never NULL. */
const char *clean_source(const struct clean *clean);
/* Path template of the URL, "/orders/{id}"; "" when there was no URL. */
const char *clean_route(const struct clean *clean);
/* 1 where it is a page view: an event without a name. */
int clean_is_view(const struct clean *clean);
/* Equal for events of one visitor and website, and nothing else is known of it. */
uint64_t clean_visitor(const struct clean *clean);
int64_t clean_received_us(const struct clean *clean);
/* Pieces redacted by enum san_class (CLEAN_CLASSES numbers), repairs by enum repair. */
const uint16_t *clean_redactions(const struct clean *clean);
const uint8_t *clean_repairs(const struct clean *clean);

#endif
