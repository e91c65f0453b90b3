/*
 * sender - whose event it is, as far as identity.mode lets that be told.
 *
 * daily: address and agent are cut, and a hash of the whole ones under the day's key
 * tells visitors apart for that day, so that they are counted and not known. Umami makes
 * a session of the id, or where there is none of address, agent and month.
 * none: the same constants for everybody. full: what came.
 */
#include <sodium.h>
#include <string.h>

#include "address.h"
#include "agent.h"
#include "cleaning.h"
#include "clock.h"

#define SOURCE_BYTES 36 /* one website's hashes say nothing of another's */
#define OLDEST_S (INT64_C(30) * 24 * 3600)
#define AHEAD_S INT64_C(60)
#define AGENT_LONGEST 512
#define ID6_BYTES 8 /* a home's /64: its devices change the rest all day */
/* Umami looks up no country for it, and no geography file has to be there. */
#define ADDRESS_NEUTRAL "127.0.0.1"

/* What leaves; data NULL: nothing. */
struct seen {
	struct text ip, agent;
};

static void put_base32(char out[SENDER_ID_BYTES], const unsigned char *hash)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const unsigned char *last = hash + SENDER_HASH_BYTES - 1;

	for (; hash < last; hash += 5) { /* of five bytes eight letters */
		uint64_t bits = (uint64_t)hash[0] << 32 | (uint64_t)hash[1] << 24 |
				(uint64_t)hash[2] << 16 | (uint64_t)hash[3] << 8 | hash[4];

		for (int shift = 35; shift >= 0; shift -= 5)
			*out++ = letters[bits >> shift & 31];
	}
	*out++ = letters[*last >> 3];
	*out = letters[*last << 2 & 31];
}

_Static_assert(SENDER_HASH_BYTES % 5 == 1 && SENDER_ID_BYTES == 26, "fives, and a byte left over");

_Static_assert(crypto_shorthash_siphashx24_BYTES == SENDER_HASH_BYTES, "either fits");

static void put_hash(struct cleaning *cleaning, const unsigned char hash[SENDER_HASH_BYTES])
{
	put_base32(cleaning->id, hash);
	cleaning->has_id = true;
	cleaning_put_string(cleaning, FIELD_ID, (struct text){cleaning->id, SENDER_ID_BYTES});
}

/* Equal ids of one website stay equal as long as the key, and say nothing to anybody. */
void sender_put_id(struct cleaning *cleaning, struct text id)
{
	const unsigned char *source = (const unsigned char *)cleaning->event->source;
	crypto_generichash_state state = cleaning->keys->id;
	unsigned char hash[SENDER_HASH_BYTES];

	if (id.len == 0 || cleaning->sender->imported)
		return;
	cleaning_count(cleaning, REPAIR_ID);
	crypto_generichash_update(&state, source, SOURCE_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)id.data, id.len);
	crypto_generichash_final(&state, hash, sizeof(hash));
	put_hash(cleaning, hash);
}

static bool has_id(const struct cleaning *cleaning)
{
	return event_text(cleaning->event, FIELD_ID).len > 0;
}

static bool read_address(struct cleaning *cleaning, struct net_address *address)
{
	struct text ip = event_text(cleaning->event, FIELD_IP);
	const char *sender = cleaning->sender->address;

	if (net_address_read(address, ip.data, ip.len))
		return true;
	if (ip.len > 0)
		cleaning_count(cleaning, REPAIR_ADDRESS);
	return sender && net_address_read(address, sender, strlen(sender));
}

/* Whole, without personal data. */
static struct text strained_agent(struct cleaning *cleaning, struct text agent)
{
	agent = text_utf8(cleaning->arena, agent.data, agent.len);
	if (!agent.data) {
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return agent;
	}
	agent = cleaning_text(cleaning, SAN_TEXT, agent);
	return text_cut(agent, AGENT_LONGEST, TEXT_UTF16);
}

/*
 * A short text of fixed length, whose hash is worth something only under a key that is gone
 * tomorrow: SipHash is made for that, and costs a fifth of BLAKE2b.
 */
static void put_visitor_id(struct cleaning *cleaning, const struct net_address *address,
			   uint64_t agent_hash)
{
	struct {
		char source[SOURCE_BYTES + 4];
		unsigned char ip[sizeof(address->ip)];
		uint64_t agent_hash;
	} whom = {.agent_hash = agent_hash};
	unsigned char hash[SENDER_HASH_BYTES];

	memcpy(whom.source, cleaning->event->source, SOURCE_BYTES);
	if (address)
		memcpy(whom.ip, address->ip, address->v4 ? sizeof(address->ip) : ID6_BYTES);
	crypto_shorthash_siphashx24(hash, (const unsigned char *)&whom, sizeof(whom),
				    cleaning->keys->person);
	put_hash(cleaning, hash);
}

/* room: for the address. */
static struct seen see(struct cleaning *cleaning, const struct net_address *address,
		       struct text agent, const struct agent_note *note, char room[NET_TEXT_MAX])
{
	struct seen seen = {{NULL, 0}, {NULL, 0}};

	if (cleaning->mode == IDENTITY_NONE)
		return (struct seen){TEXT(ADDRESS_NEUTRAL), TEXT(AGENT_NEUTRAL)};
	if (address)
		seen.ip = (struct text){room, cleaning->mode == IDENTITY_FULL
						  ? net_address_write(room, address)
						  : address_cut(room, address)};
	if (agent.len == 0)
		return seen;
	if (cleaning->mode == IDENTITY_FULL)
		seen.agent = strained_agent(cleaning, agent);
	else
		seen.agent = (struct text){note->cut, note->cut_len};
	return seen;
}

static int64_t time_of(struct cleaning *cleaning)
{
	const struct json *value = cleaning->event->fields[FIELD_TIMESTAMP];
	int64_t now = cleaning->sender->received_us / US_PER_S, then;
	int64_t oldest = cleaning->sender->imported ? 0 : now - OLDEST_S;

	if (!value)
		return now < 0 ? 0 : now;
	then = (int64_t)event_epoch(value);
	if (then >= oldest && then <= now + AHEAD_S)
		return then;
	cleaning_count(cleaning, REPAIR_TIMESTAMP);
	return now < 0 ? 0 : now;
}

static void put_time(struct cleaning *cleaning, int64_t seconds)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + seconds % 10);
		seconds /= 10;
	} while (seconds > 0);
	cleaning_put_key(cleaning, FIELD_TIMESTAMP);
	writer_add(&cleaning->writer, digits + i, sizeof(digits) - i);
}

/*
 * What Umami makes one session of must be one visitor here, or two identify events of it
 * could be under way at once: the id that leaves (visitor_of), else address and agent as they
 * are sent. Where nobody is told apart only identify events stay in order; the rest is spread.
 */
static void write_visitor(struct writer *writer, struct cleaning *cleaning, const struct seen *seen)
{
	const struct event *event = cleaning->event;

	writer_add(writer, event->source, sizeof(event->source));
	if (cleaning->mode == IDENTITY_NONE) {
		if (event->type != CLEAN_IDENTIFY)
			writer_add(writer, (const char *)&cleaning->sender->received_us,
				   sizeof(cleaning->sender->received_us));
	} else {
		writer_add(writer, seen->ip.data, seen->ip.len);
		writer_addc(writer, '\0');
		writer_add(writer, seen->agent.data, seen->agent.len);
	}
}

static uint64_t visitor_of(struct cleaning *cleaning, const struct seen *seen)
{
	struct text whom = {cleaning->id, SENDER_ID_BYTES};
	uint64_t visitor = 0;
	struct writer writer;

	if (!cleaning->has_id) {
		writer_init(&writer, cleaning->arena, 256);
		write_visitor(&writer, cleaning, seen);
		whom = writer_text(&writer);
		if (!writer_ok(&writer)) {
			cleaning_fail(cleaning, ST_NO_MEMORY);
			return 0;
		}
	}
	crypto_shorthash((unsigned char *)&visitor, (const unsigned char *)whom.data, whom.len,
			 cleaning->keys->visitor);
	return visitor;
}

/* Without an agent Umami takes that of the request, which is not known here. */
static void make_session(struct cleaning *cleaning, const struct seen *seen, int64_t time_s)
{
	const char *secret = strainer_secret(cleaning->strainer);
	const struct event *event = cleaning->event;
	struct session *session;
	struct session_of of = {.website = event->source,
				.ip = seen->ip,
				.agent = seen->agent,
				.time_s = time_s,
				.now_s = cleaning->sender->received_us / US_PER_S};

	if (cleaning->has_id)
		of.id = (struct text){cleaning->id, SENDER_ID_BYTES};
	if (!secret || event->source_field != FIELD_WEBSITE || cleaning->sender->imported ||
	    (!cleaning->has_id && (seen->ip.len == 0 || seen->agent.len == 0)))
		return;
	session = arena_alloc(cleaning->arena, sizeof(*session));
	if (!session) {
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return;
	}
	session_make(session, secret, &of, cleaning->sender->cache, cleaning->arena);
	cleaning->head.session = session;
}

void sender_put(struct cleaning *cleaning)
{
	struct text agent = event_agent(cleaning->event, cleaning->sender);
	const struct agent_note *note =
	    strainer_agent(cleaning->strainer, agent, cleaning->event->agent_hash);
	char room[NET_TEXT_MAX];
	struct net_address address;
	bool known = read_address(cleaning, &address);
	struct seen seen = see(cleaning, known ? &address : NULL, agent, note, room);
	int64_t time_s = time_of(cleaning);

	if (seen.ip.len > 0)
		cleaning_put_string(cleaning, FIELD_IP, seen.ip);
	if (seen.agent.len > 0)
		cleaning_put_string(cleaning, FIELD_USER_AGENT, seen.agent);
	if (cleaning->mode == IDENTITY_DAILY && !has_id(cleaning) && !cleaning->sender->imported)
		put_visitor_id(cleaning, known ? &address : NULL, note->hash);
	put_time(cleaning, time_s);
	make_session(cleaning, &seen, time_s);
	cleaning->head.visitor = visitor_of(cleaning, &seen);
}
