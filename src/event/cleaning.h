/*
 * cleaning - one event on its way from raw to clean, as sanitize.c and sender.c share it.
 */
#ifndef TAMIS_EVENT_CLEANING_H
#define TAMIS_EVENT_CLEANING_H

#include "clean_record.h"
#include "identity.h"
#include "payload.h"
#include "query.h"
#include "session.h"
#include "strain.h"

#define SENDER_ID_BYTES 26 /* of base32 */

struct cleaning {
	struct arena *arena;
	struct strainer *strainer;
	const struct event *event;
	const struct sender *sender;
	const struct day_keys *keys;
	enum identity_mode mode;
	struct query_rule query;
	struct writer writer;
	struct clean_head head;
	char id[SENDER_ID_BYTES]; /* as it leaves; has_id: it does */
	bool has_id;
	struct text url; /* clean; for the route */
	enum status status;
};

/* The first failure stays. */
void cleaning_fail(struct cleaning *cleaning, enum status status);
void cleaning_count(struct cleaning *cleaning, enum repair repair);
/* ,"name": */
void cleaning_put_key(struct cleaning *cleaning, enum field field);
void cleaning_put_string(struct cleaning *cleaning, enum field field, struct text text);
/* Without NUL and strained; data NULL where that failed. */
struct text cleaning_text(struct cleaning *cleaning, enum san_mode mode, struct text text);

/* The distinct id that the page gave, as it may leave. */
void sender_put_id(struct cleaning *cleaning, struct text id);
/* Address, agent, a visitor's id and the time, and head.visitor. */
void sender_put(struct cleaning *cleaning);

#endif
