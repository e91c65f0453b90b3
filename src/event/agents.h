/*
 * agents - what was found out of the user agents seen last, by one thread on one day.
 *
 * Nearly all events come with one of a few hundred agents. A note holds no agent, but its hash
 * under the day's key and what agent_cut() leaves of it; it goes with the key.
 */
#ifndef TAMIS_EVENT_AGENTS_H
#define TAMIS_EVENT_AGENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent.h"

#define AGENTS_KEPT 256 /* a power of two; each has one place */

struct agent_note {
	uint64_t hash; /* 0: empty */
	bool bot;
	uint16_t cut_len;
	char cut[AGENT_TEXT_MAX];
};

struct agents {
	struct agent_note notes[AGENTS_KEPT];
};

/* SipHash under key; never 0. */
uint64_t agents_hash(struct text agent, const unsigned char key[16]);
/* The note of the agent with this hash, made if it is not there; until the next call. */
const struct agent_note *agents_note(struct agents *agents, struct text agent, uint64_t hash);
void agents_forget(struct agents *agents);

#endif
