/*
 * payload - struct event from the inside; for the files of this room only.
 */
#ifndef TAMIS_EVENT_PAYLOAD_H
#define TAMIS_EVENT_PAYLOAD_H

#include "clean.h"
#include "event.h"
#include "json.h"
#include "text.h"

enum field {
#define FIELD(id, name, check, most, use, keep) FIELD_##id,
#include "field.def"
#undef FIELD
	FIELDS
};

struct event {
	enum clean_type type;
	enum field source_field;	   /* FIELD_WEBSITE, FIELD_LINK or FIELD_PIXEL */
	char source[37];		   /* its UUID in lower case */
	const struct json *fields[FIELDS]; /* as they came, checked; NULL where absent */
	uint64_t agent_hash;		   /* of event_agent(), 0: not known yet; see agents.h */
};

/* The string under field; data NULL where there is none. */
static inline struct text event_text(const struct event *event, enum field field)
{
	const struct json *value = event->fields[field];

	if (!value || value->type != JSON_STRING)
		return (struct text){NULL, 0};
	return (struct text){value->text, value->len};
}

/* The user agent that counts: the payload's, else the sender's; data NULL: none. */
struct text event_agent(const struct event *event, const struct sender *sender);
/* What coercion to a number gives; NaN where there is none. */
double event_epoch(const struct json *value);

#endif
