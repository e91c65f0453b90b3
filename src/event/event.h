/*
 * event - Umami's payload: raw JSON in, struct clean out, nothing in between leaves.
 *
 * struct event is raw. It lives in one request's arena and dies with it; only
 * event_sanitize() makes something of it that other rooms may hold.
 */
#ifndef TAMIS_EVENT_H
#define TAMIS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "problem.h"
#include "status.h"

struct event;
struct clean;
struct strainer;

/* What the web server knows of the sender; borrowed, raw, NULL where unknown. */
struct sender {
	const char *address;
	const char *user_agent;
	const char *cache;   /* x-umami-cache */
	int64_t received_us; /* clock_wall_us() */
	bool imported;	     /* from a log: its own time is kept whatever its age, and no id */
};

/* Why an event is not kept though it is valid. */
enum event_fate {
	EVENT_KEPT,
	EVENT_BOT,
	EVENT_NETWORK, /* shut out by configuration, see exclude.h */
	EVENT_HOSTNAME,
	EVENT_REFERRER
};

/*
 * Read one event (what /api/send takes). json is borrowed and must live as long as the
 * event. ST_INVALID: problem holds Umami's own messages by place. ST_TOO_LARGE: nested
 * or filled beyond json.h's limits. ST_NO_MEMORY: over the arena's cap.
 */
MUST_CHECK enum status event_parse(struct event **out, struct arena *arena, const char *json,
				   size_t len, struct problem *problem);

/* What a payload leaves out, or NULL; website where there is no link or pixel either. */
struct event_own {
	const char *website, *hostname, *url;
	const struct page_view *view; /* NULL, or instead of JSON */
};
MUST_CHECK enum status event_parse_own(struct event **out, struct arena *arena, const char *json,
				       size_t len, const struct event_own *own,
				       struct problem *problem);

/*
 * Read a batch: *n elements, each an event (events[i]) or, where that is NULL, what
 * is wrong with it (problems[i]). ST_INVALID: the whole is no batch, see problem.
 * ST_TOO_LARGE: more than max elements, or as above.
 */
MUST_CHECK enum status event_parse_batch(struct event ***events, struct problem ***problems,
					 size_t *n, size_t max, struct arena *arena,
					 const char *json, size_t len, struct problem *problem);

/* Lower-case UUID of the website; NULL when it is for a link or pixel. */
const char *event_website(const struct event *event);
/* By the payload's user agent, else the sender's. */
enum event_fate event_fate(struct event *event, struct strainer *strainer,
			   const struct sender *sender);

/*
 * Strain, coarsen, repair, and write the event as it will be forwarded.
 * ST_OK: *out lives in the arena. Anything else: the event must be refused.
 */
MUST_CHECK enum status event_sanitize(struct clean **out, struct arena *arena,
				      struct strainer *strainer, const struct event *event,
				      const struct sender *sender);

#endif
