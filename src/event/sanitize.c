/*
 * sanitize - from a raw event to the record that is kept and sent.
 *
 * Every string goes the same way: NUL out, strain, cut. Straining comes first, or a
 * cut could leave half a secret that no pattern knows any more. The members stand in
 * the order of field.def; address, agent and time of the sender come last.
 */
#include <sodium.h>
#include <string.h>

#include "address.h"
#include "ascii.h"
#include "clean_record.h"
#include "clock.h"
#include "data.h"
#include "payload.h"
#include "query.h"
#include "strain.h"
#include "template.h"
#include "url.h"

#define OLDEST_S (INT64_C(30) * 24 * 3600)
#define AHEAD_S INT64_C(60)
#define HARMLESS_MAX 11
#define HASH_BYTES 16
#define HASH_TEXT 26 /* of base32 */
#define EXPECTED_BYTES 1024

_Static_assert((int)SAN_CLASSES <= CLEAN_CLASSES, "classes fit into the record");

/* One event on its way. */
struct cleaning {
	struct arena *arena;
	struct strainer *strainer;
	const struct event *event;
	const struct sender *sender;
	const struct day_keys *keys;
	struct writer writer;
	struct clean_head head;
	struct text url; /* clean; for the route */
	enum status status;
};

struct field_use {
	struct text key; /* ,"name": */
	size_t keep;
	void (*put)(struct cleaning *, enum field);
};

static const struct field_use uses[FIELDS];

static void fail(struct cleaning *cleaning, enum status status)
{
	if (cleaning->status == ST_OK)
		cleaning->status = status;
}

static void count(struct cleaning *cleaning, enum repair repair)
{
	repair_count(&cleaning->head.repairs[repair]);
}

static void put_key(struct cleaning *cleaning, enum field field)
{
	writer_add(&cleaning->writer, uses[field].key.data, uses[field].key.len);
}

static void put_string(struct cleaning *cleaning, enum field field, struct text text)
{
	put_key(cleaning, field);
	writer_json(&cleaning->writer, text);
}

/* data NULL where that failed. */
static struct text clean_text(struct cleaning *cleaning, enum san_mode mode, struct text text)
{
	struct text out = {NULL, 0};

	text = without_nul(cleaning->arena, text, &cleaning->head.repairs[REPAIR_NUL]);
	if (!text.data)
		fail(cleaning, ST_NO_MEMORY);
	else if (text.len == 0)
		out = TEXT("");
	else
		fail(cleaning, strain(cleaning->strainer, cleaning->arena, mode, text, &out));
	return out;
}

static struct text without_escapes(struct cleaning *cleaning, struct text text)
{
	text = without_escaped_nul(cleaning->arena, text, &cleaning->head.repairs[REPAIR_NUL]);
	if (!text.data)
		fail(cleaning, ST_NO_MEMORY);
	return text;
}

/* "1920x1080", "en-GB": too short and too plain for any class; most events have two. */
static bool is_harmless(struct text text)
{
	int hyphens = 0;

	if (text.len > HARMLESS_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '-')
			hyphens++;
		else if (!ascii_is_digit(c) && !ascii_is_alpha(c))
			return false;
	}
	return hyphens < 2;
}

static bool is_of_client(enum field field)
{
	return field == FIELD_BROWSER || field == FIELD_OS || field == FIELD_DEVICE;
}

static void put_text(struct cleaning *cleaning, enum field field)
{
	struct text text = event_text(cleaning->event, field), cut;

	if (is_harmless(text)) {
		put_string(cleaning, field, text);
		return;
	}
	if (field == FIELD_TITLE)
		text = without_escapes(cleaning, text);
	text = clean_text(cleaning, SAN_TEXT, text);
	if (!text.data)
		return;
	cut = text_cut(text, uses[field].keep, TEXT_UTF16);
	if (cut.len < text.len)
		count(cleaning, is_of_client(field) ? REPAIR_BROWSER : REPAIR_LENGTH);
	/* A name must not vanish, or the event would count as a page view. */
	if (cut.len == 0 && text.len > 0 && field == FIELD_NAME)
		cut = TEXT("[REDACTED]");
	if (cut.len > 0 || text.len == 0)
		put_string(cleaning, field, cut);
}

static void put_url(struct cleaning *cleaning, enum field field)
{
	struct text raw = event_text(cleaning->event, field), text, kept;
	bool cut;

	text = without_escapes(cleaning, raw);
	text = clean_text(cleaning, SAN_URL, text);
	if (!text.data)
		return;
	text = query_cut(cleaning->arena, text, &cut);
	if (!text.data) {
		fail(cleaning, ST_NO_MEMORY);
		return;
	}
	if (cut)
		count(cleaning, REPAIR_UTM);
	kept = text_cut(text, uses[field].keep, TEXT_UTF16);
	if (kept.len < text.len)
		count(cleaning, REPAIR_LENGTH);
	if ((kept.data != raw.data || kept.len != raw.len) && !url_is_valid(kept)) {
		count(cleaning, REPAIR_URL);
		return;
	}
	if (field == FIELD_URL)
		cleaning->url = kept;
	put_string(cleaning, field, kept);
}

/* As the host of a URL, so that placeholders become labels of a name. */
static void put_host(struct cleaning *cleaning, enum field field)
{
	struct text host = event_text(cleaning->event, field), text;
	struct writer url;

	if (host.len == 0)
		return;
	writer_init(&url, cleaning->arena, host.len + 16);
	writer_lit(&url, "https://");
	writer_add(&url, host.data, host.len);
	if (!writer_ok(&url)) {
		fail(cleaning, ST_NO_MEMORY);
		return;
	}
	text = clean_text(cleaning, SAN_URL, writer_text(&url));
	if (!text.data)
		return;
	if (text.len > 8 && memcmp(text.data, "https://", 8) == 0) {
		text = (struct text){text.data + 8, text.len - 8};
		if (url_is_host(text) && text_length(text, TEXT_UTF16) <= uses[field].keep) {
			put_string(cleaning, field, text);
			return;
		}
	}
	count(cleaning, REPAIR_HOSTNAME);
}

static struct text written_data(struct cleaning *cleaning, const struct json *value, bool cut)
{
	struct writer writer;

	writer_init(&writer, cleaning->arena, EXPECTED_BYTES);
	if (cut)
		data_write_cut(&writer, value, cleaning->head.repairs);
	else
		data_write(&writer, value, cleaning->head.repairs);
	if (!writer_ok(&writer))
		fail(cleaning, ST_NO_MEMORY);
	return writer_text(&writer);
}

/*
 * What the sanitizer gives back is read again: one event that is no JSON would spoil
 * the whole batch it is sent in, so data that is none any more is left out.
 */
static void put_data(struct cleaning *cleaning, enum field field)
{
	const struct json *value = NULL;
	struct text text = written_data(cleaning, cleaning->event->fields[field], false);
	enum status status;

	if (cleaning->status == ST_OK)
		text = clean_text(cleaning, SAN_JSON, text);
	if (cleaning->status != ST_OK)
		return;
	status = json_read(&value, cleaning->arena, text.data, text.len);
	if (status == ST_NO_MEMORY)
		fail(cleaning, status);
	if (!value || value->type != JSON_OBJECT) {
		count(cleaning, REPAIR_DATA);
		return;
	}
	if (text.len > DATA_LONGEST)
		text = written_data(cleaning, value, true);
	put_key(cleaning, field);
	writer_add(&cleaning->writer, text.data, text.len);
}

static void put_base32(char out[HASH_TEXT], const unsigned char *hash)
{
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (int i = 0; i < HASH_BYTES; i++) {
		bits = bits << 8 | hash[i];
		for (have += 8; have >= 5; have -= 5)
			out[n++] = "abcdefghijklmnopqrstuvwxyz234567"[bits >> (have - 5) & 31];
	}
	out[n] = "abcdefghijklmnopqrstuvwxyz234567"[bits << (5 - have) & 31];
}

/* Equal ids of one website stay equal for a day, and say nothing to anybody. */
static void put_id(struct cleaning *cleaning, enum field field)
{
	struct text id = event_text(cleaning->event, field);
	unsigned char hash[HASH_BYTES];
	crypto_generichash_state state;
	char out[HASH_TEXT];

	if (id.len == 0 || cleaning->sender->imported)
		return;
	crypto_generichash_init(&state, cleaning->keys->id, sizeof(cleaning->keys->id),
				sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)cleaning->event->source, 36);
	crypto_generichash_update(&state, (const unsigned char *)id.data, id.len);
	crypto_generichash_final(&state, hash, sizeof(hash));
	put_base32(out, hash);
	count(cleaning, REPAIR_ID);
	put_string(cleaning, field, (struct text){out, sizeof(out)});
}

static void put_number(struct cleaning *cleaning, enum field field)
{
	put_key(cleaning, field);
	number_json(&cleaning->writer, cleaning->event->fields[field]);
}

/* The source is written first, what the sender may say too last. */
static void put_apart(struct cleaning *cleaning, enum field field)
{
	(void)cleaning;
	(void)field;
}

static const struct field_use uses[FIELDS] = {
#define FIELD(id, name, check, most, use, keep)                                                    \
	{{",\"" name "\":", sizeof(name) + 3}, keep, put_##use},
#include "field.def"
#undef FIELD
};

static size_t cut_address(struct cleaning *cleaning, char out[ADDRESS_TEXT_MAX])
{
	struct text ip = event_text(cleaning->event, FIELD_IP);
	const char *sender = cleaning->sender->address;
	size_t len = address_cut(out, ip);

	if (len > 0)
		return len;
	if (ip.len > 0)
		count(cleaning, REPAIR_ADDRESS);
	return sender ? address_cut(out, (struct text){sender, strlen(sender)}) : 0;
}

static void put_agent(struct cleaning *cleaning, struct text agent)
{
	if (agent.len == 0)
		return;
	agent = text_utf8(cleaning->arena, agent.data, agent.len);
	if (!agent.data) {
		fail(cleaning, ST_NO_MEMORY);
		return;
	}
	agent = clean_text(cleaning, SAN_TEXT, agent);
	agent = text_cut(agent, uses[FIELD_USER_AGENT].keep, TEXT_UTF16);
	if (agent.len > 0)
		put_string(cleaning, FIELD_USER_AGENT, agent);
}

static int64_t time_of(struct cleaning *cleaning)
{
	const struct json *value = cleaning->event->fields[FIELD_TIMESTAMP];
	int64_t now = cleaning->sender->received_us / US_PER_S, then;
	int64_t oldest = cleaning->sender->imported ? 0 : now - OLDEST_S;

	if (!value)
		return now;
	then = (int64_t)event_epoch(value);
	if (then >= oldest && then <= now + AHEAD_S)
		return then;
	count(cleaning, REPAIR_TIMESTAMP);
	return now;
}

static void put_time(struct cleaning *cleaning)
{
	char digits[20];
	size_t i = sizeof(digits);
	int64_t seconds = time_of(cleaning);

	if (seconds < 0)
		seconds = 0;
	do {
		digits[--i] = (char)('0' + seconds % 10);
		seconds /= 10;
	} while (seconds > 0);
	put_key(cleaning, FIELD_TIMESTAMP);
	writer_add(&cleaning->writer, digits + i, sizeof(digits) - i);
}

/* Whose events must stay in order: those with one id, else with one address and agent. */
static uint64_t visitor_of(struct cleaning *cleaning, struct text ip, struct text agent)
{
	struct text id = event_text(cleaning->event, FIELD_ID);
	uint64_t visitor = 0;
	struct writer writer;

	writer_init(&writer, cleaning->arena, 256);
	writer_add(&writer, cleaning->event->source, sizeof(cleaning->event->source));
	if (id.len > 0 && !cleaning->sender->imported) {
		writer_lit(&writer, "id");
		writer_add(&writer, id.data, id.len);
	} else {
		writer_add(&writer, ip.data, ip.len);
		writer_addc(&writer, '\0');
		writer_add(&writer, agent.data, agent.len);
	}
	if (!writer_ok(&writer)) {
		fail(cleaning, ST_NO_MEMORY);
		return 0;
	}
	_Static_assert(crypto_shorthash_BYTES == sizeof(visitor), "SipHash has 64 bits");
	crypto_shorthash((unsigned char *)&visitor, (const unsigned char *)writer.data, writer.len,
			 cleaning->keys->visitor);
	return visitor;
}

static void put_sender_members(struct cleaning *cleaning)
{
	struct text agent = event_agent(cleaning->event, cleaning->sender);
	char out[ADDRESS_TEXT_MAX];
	struct text ip = {out, cut_address(cleaning, out)};

	if (ip.len > 0)
		put_string(cleaning, FIELD_IP, ip);
	put_agent(cleaning, agent);
	put_time(cleaning);
	cleaning->head.visitor = visitor_of(cleaning, ip, agent);
}

#define HEAD(type)                                                                                 \
	{                                                                                          \
		"{\"type\":\"" type "\",\"payload\":{", sizeof(type) + 21                          \
	}

static void put_event(struct cleaning *cleaning)
{
	static const struct text heads[CLEAN_TYPES] = {
	    HEAD("event"),
	    HEAD("identify"),
	    HEAD("performance"),
	};
	const struct event *event = cleaning->event;
	const struct text *head = &heads[event->type], *key = &uses[event->source_field].key;
	struct writer *writer = &cleaning->writer;

	writer_add(writer, head->data, head->len);
	writer_add(writer, key->data + 1, key->len - 1);
	writer_json(writer, (struct text){event->source, sizeof(event->source) - 1});
	for (int i = 0; i < FIELDS; i++)
		if (event->fields[i])
			uses[i].put(cleaning, (enum field)i);
	put_sender_members(cleaning);
	writer_lit(writer, "}}");
}

static void fill_head(struct cleaning *cleaning)
{
	const uint64_t *counts = strain_counts(cleaning->strainer);
	struct clean_head *head = &cleaning->head;

	head->type = cleaning->event->type;
	head->view = head->type == CLEAN_EVENT && cleaning->event->source_field == FIELD_WEBSITE &&
		     event_text(cleaning->event, FIELD_NAME).len == 0;
	head->received_us = cleaning->sender->received_us;
	memcpy(head->source, cleaning->event->source, sizeof(head->source));
	for (int i = 0; i < SAN_CLASSES; i++)
		head->redactions[i] = (uint16_t)(counts[i] < UINT16_MAX ? counts[i] : UINT16_MAX);
}

enum status event_sanitize(struct clean **out, struct arena *arena, struct strainer *strainer,
			   const struct event *event, const struct sender *sender)
{
	struct cleaning cleaning = {.arena = arena,
				    .strainer = strainer,
				    .event = event,
				    .sender = sender,
				    .url = TEXT("")};
	char route[TEMPLATE_MAX];

	cleaning.status = strainer_keys(&cleaning.keys, strainer, sender->received_us);
	if (cleaning.status != ST_OK)
		return cleaning.status;
	strain_begin(strainer);
	writer_init(&cleaning.writer, arena, EXPECTED_BYTES);
	if (writer_room(&cleaning.writer, CLEAN_HEAD_BYTES))
		cleaning.writer.len += CLEAN_HEAD_BYTES;
	put_event(&cleaning);
	if (cleaning.status != ST_OK)
		return cleaning.status;
	if (!writer_ok(&cleaning.writer))
		return ST_NO_MEMORY;
	fill_head(&cleaning);
	return clean_make(out, &cleaning.writer, &cleaning.head,
			  (struct text){route, template_make(route, cleaning.url)});
}
