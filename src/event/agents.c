/*
 * agents - see agents.h. Two agents of one hash would be taken for each other: at a chance of
 * 2^-64 a pair, and nobody without the key can look for such.
 */
#include "agents.h"

#include <sodium.h>
#include <string.h>

#include "bot.h"
#include "payload.h"
#include "strain.h"

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "SipHash has 64 bits");
_Static_assert(crypto_shorthash_KEYBYTES == 16, "and 128 of key");

uint64_t agents_hash(struct text agent, const unsigned char key[16])
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)agent.data, agent.len, key);
	return hash ? hash : 1;
}

const struct agent_note *agents_note(struct agents *agents, struct text agent, uint64_t hash)
{
	struct agent_note *note = &agents->notes[hash % AGENTS_KEPT];

	if (note->hash != hash) {
		note->hash = hash;
		note->bot = bot_is(agent);
		note->cut_len = agent.len ? (uint16_t)agent_cut(note->cut, agent) : 0;
	}
	return note;
}

void agents_forget(struct agents *agents)
{
	sodium_memzero(agents, sizeof(*agents));
}

struct text event_agent(const struct event *event, const struct sender *sender)
{
	struct text agent = event_text(event, FIELD_USER_AGENT);

	if (agent.len > 0 || !sender->user_agent)
		return agent;
	return (struct text){sender->user_agent, strlen(sender->user_agent)};
}

/* Where there is no key the event goes on, and straining says what is wrong. */
enum event_fate event_fate(struct event *event, struct strainer *strainer,
			   const struct sender *sender)
{
	struct text agent = event_agent(event, sender);
	const struct day_keys *keys;

	if (strainer_keys(&keys, strainer, sender->received_us) != ST_OK)
		return EVENT_KEPT;
	event->agent_hash = agents_hash(agent, keys->agent);
	return strainer_agent(strainer, agent, event->agent_hash)->bot ? EVENT_BOT : EVENT_KEPT;
}
