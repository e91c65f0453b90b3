/*
 * strain - struct strainer as the files of this room use it.
 */
#ifndef TAMIS_EVENT_STRAIN_H
#define TAMIS_EVENT_STRAIN_H

#include <sanitizer.h>
#include <sodium.h>

#include "agents.h"
#include "arena.h"
#include "identity.h"
#include "strainer.h"
#include "text.h"

#define SENDER_HASH_BYTES 16

struct day_keys {
	crypto_generichash_state id;	       /* BLAKE2b, keyed: distinct ids that pages give */
	unsigned char person[16];	       /* SipHash-128: visitors without one */
	unsigned char visitor[16];	       /* SipHash: the order of one visitor's events */
	unsigned char agent[16];	       /* SipHash: user agents, see agents.h */
	unsigned char text[16];		       /* SipHash: texts, see strainer_knows() */
	unsigned char day[IDENTITY_KEY_BYTES]; /* while these are made of it */
};

/* Routes that straining left as they were, so nothing raw: see strained_route.c. */
#define ROUTES_KEPT 64
#define ROUTE_BYTES 64

struct clean_routes {
	char texts[ROUTES_KEPT][ROUTE_BYTES];
};

/*
 * in is UTF-8; *out lives in the arena, or is in itself where nothing had to go, so
 * that a caller sees it by the pointer. Anything but ST_OK: there is no clean text.
 */
MUST_CHECK enum status strain(struct strainer *strainer, struct arena *arena, enum san_mode mode,
			      struct text in, struct text *out);
/*
 * Host names, titles, referrers and pages come again and again. Of texts that nothing had to be
 * taken out of, the strainer remembers a hash under the day's key: true where this is one. After
 * strainer_keys(). *hash is for strainer_learn(), which says that nothing had to go.
 */
bool strainer_knows(const struct strainer *strainer, enum san_mode mode, struct text text,
		    uint64_t *hash);
void strainer_learn(struct strainer *strainer, enum san_mode mode, uint64_t hash);
/* Pieces redacted by class since strain_begin(); SAN_CLASSES numbers. */
void strain_begin(struct strainer *strainer);
const uint64_t *strain_counts(const struct strainer *strainer);
/* NULL: Umami's APP_SECRET is not known here; SESSION_SECRET_BYTES. */
const char *strainer_secret(const struct strainer *strainer);
struct clean_routes *strainer_routes(struct strainer *strainer);
const struct config *strainer_config(const struct strainer *strainer);
/* Keys of the day of receipt; the strainer keeps them until another day is asked for. */
MUST_CHECK enum status strainer_keys(const struct day_keys **out, struct strainer *strainer,
				     int64_t received_us);
/* After strainer_keys(), until the next call. hash 0: it is not known yet. */
const struct agent_note *strainer_agent(struct strainer *strainer, struct text agent,
					uint64_t hash);

#endif
