/*
 * sanitize - from a raw event to the record that is kept and sent.
 *
 * Every string goes the same way: NUL out, base64 that hides something out, strain, cut. Straining
 * comes first, or a cut could leave half a secret that no pattern knows any more. The members stand
 * in the order of field.def; address, agent and time of the sender come last.
 */
#include <string.h>

#include "ascii.h"
#include "cleaning.h"
#include "clickid.h"
#include "data.h"
#include "query.h"
#include "template.h"
#include "url.h"
#include "wrapped.h"

#define HARMLESS_MAX 11
#define EXPECTED_BYTES 1024

_Static_assert((int)SAN_CLASSES <= CLEAN_CLASSES, "classes fit into the record");

struct field_use {
	struct text key; /* ,"name": */
	size_t keep;
	void (*put)(struct cleaning *, enum field);
};

static const struct field_use uses[FIELDS];

void cleaning_fail(struct cleaning *cleaning, enum status status)
{
	if (cleaning->status == ST_OK)
		cleaning->status = status;
}

void cleaning_count(struct cleaning *cleaning, enum repair repair)
{
	repair_count(&cleaning->head.repairs[repair]);
}

void cleaning_put_key(struct cleaning *cleaning, enum field field)
{
	writer_add(&cleaning->writer, uses[field].key.data, uses[field].key.len);
}

void cleaning_put_string(struct cleaning *cleaning, enum field field, struct text text)
{
	cleaning_put_key(cleaning, field);
	writer_json(&cleaning->writer, text);
}

static enum status strained(struct cleaning *cleaning, enum san_mode mode, struct text text,
			    struct text *out)
{
	enum status status = wrapped_clean(cleaning->strainer, cleaning->arena, text, &text);

	return status == ST_OK ? strain(cleaning->strainer, cleaning->arena, mode, text, out)
			       : status;
}

static struct text cleaned(struct cleaning *cleaning, enum san_mode mode, struct text text)
{
	struct text out = {NULL, 0};

	text = without_nul(cleaning->arena, text, &cleaning->head.repairs[REPAIR_NUL]);
	if (!text.data)
		cleaning_fail(cleaning, ST_NO_MEMORY);
	else if (text.len == 0)
		out = TEXT("");
	else
		cleaning_fail(cleaning, strained(cleaning, mode, text, &out));
	return out;
}

/* data NULL where that failed. */
struct text cleaning_text(struct cleaning *cleaning, enum san_mode mode, struct text text)
{
	struct text out;
	uint64_t hash;

	if (strainer_knows(cleaning->strainer, mode, text, &hash))
		return text;
	out = cleaned(cleaning, mode, text);
	if (out.data == text.data && out.len == text.len)
		strainer_learn(cleaning->strainer, mode, hash);
	return out;
}

static struct text without_escapes(struct cleaning *cleaning, struct text text)
{
	text = without_escaped_nul(cleaning->arena, text, &cleaning->head.repairs[REPAIR_NUL]);
	if (!text.data)
		cleaning_fail(cleaning, ST_NO_MEMORY);
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

/* "en" of "en-GB". */
static struct text primary_tag(struct text language)
{
	size_t len = 0;

	while (len < language.len && ascii_is_alpha(language.data[len]))
		len++;
	return (struct text){language.data, len};
}

static bool is_of_client(enum field field)
{
	return field == FIELD_BROWSER || field == FIELD_OS || field == FIELD_DEVICE;
}

static void put_text(struct cleaning *cleaning, enum field field)
{
	struct text text = event_text(cleaning->event, field), cut;

	if (field == FIELD_LANGUAGE && cleaning->mode == IDENTITY_NONE)
		text = primary_tag(text);
	if (is_harmless(text)) {
		cleaning_put_string(cleaning, field, text);
		return;
	}
	if (field == FIELD_TITLE)
		text = without_escapes(cleaning, text);
	text = cleaning_text(cleaning, SAN_TEXT, text);
	if (!text.data)
		return;
	cut = text_cut(text, uses[field].keep, TEXT_UTF16);
	if (cut.len < text.len)
		cleaning_count(cleaning, is_of_client(field) ? REPAIR_BROWSER : REPAIR_LENGTH);
	/* A name must not vanish, or the event would count as a page view. */
	if (cut.len == 0 && text.len > 0 && field == FIELD_NAME)
		cut = TEXT("[REDACTED]");
	if (cut.len > 0 || text.len == 0)
		cleaning_put_string(cleaning, field, cut);
}

static void put_url(struct cleaning *cleaning, enum field field)
{
	struct text raw = event_text(cleaning->event, field), text, kept;
	struct query_change change;
	bool found = false;

	text = without_escapes(cleaning, raw);
	text = cleaning_text(cleaning, SAN_URL, text);
	if (!text.data)
		return;
	text = query_clean(cleaning->arena, text, &cleaning->query, &change);
	if (!text.data) {
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return;
	}
	if (!cleaning->query.click_ids)
		text = clickid_strike(cleaning->arena, text, &found);
	if (!text.data) {
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return;
	}
	if (change.cut)
		cleaning_count(cleaning, REPAIR_UTM);
	if (change.click_ids || found)
		cleaning_count(cleaning, REPAIR_CLICK_ID);
	if (change.dropped)
		cleaning_count(cleaning, REPAIR_QUERY);
	kept = text_cut(text, uses[field].keep, TEXT_UTF16);
	if (kept.len < text.len)
		cleaning_count(cleaning, REPAIR_LENGTH);
	if ((kept.data != raw.data || kept.len != raw.len) && !url_is_valid(kept)) {
		cleaning_count(cleaning, REPAIR_URL);
		return;
	}
	if (field == FIELD_URL)
		cleaning->url = kept;
	cleaning_put_string(cleaning, field, kept);
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
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return;
	}
	text = cleaning_text(cleaning, SAN_URL, writer_text(&url));
	if (!text.data)
		return;
	if (text.len > 8 && memcmp(text.data, "https://", 8) == 0) {
		text = (struct text){text.data + 8, text.len - 8};
		if (url_is_host(text) && text_length(text, TEXT_UTF16) <= uses[field].keep) {
			cleaning_put_string(cleaning, field, text);
			return;
		}
	}
	cleaning_count(cleaning, REPAIR_HOSTNAME);
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
		cleaning_fail(cleaning, ST_NO_MEMORY);
	return writer_text(&writer);
}

/*
 * What the sanitizer gives back is read again: one event that is no JSON would spoil
 * the whole batch it is sent in, so data that is none any more is left out.
 */
static void put_data(struct cleaning *cleaning, enum field field)
{
	const struct json *value = cleaning->event->fields[field];
	enum status status;
	struct text text;
	bool found = false;

	if (!cleaning->query.click_ids)
		value = clickid_strike_data(cleaning->arena, value, &found);
	if (!value) {
		cleaning_fail(cleaning, ST_NO_MEMORY);
		return;
	}
	if (found)
		cleaning_count(cleaning, REPAIR_CLICK_ID);
	text = written_data(cleaning, value, false);
	value = NULL;

	if (cleaning->status == ST_OK)
		text = cleaning_text(cleaning, SAN_JSON, text);
	if (cleaning->status != ST_OK)
		return;
	status = json_read(&value, cleaning->arena, text.data, text.len);
	if (status == ST_NO_MEMORY)
		cleaning_fail(cleaning, status);
	if (!value || value->type != JSON_OBJECT) {
		cleaning_count(cleaning, REPAIR_DATA);
		return;
	}
	if (text.len > DATA_LONGEST)
		text = written_data(cleaning, value, true);
	cleaning_put_key(cleaning, field);
	writer_add(&cleaning->writer, text.data, text.len);
}

static void put_number(struct cleaning *cleaning, enum field field)
{
	cleaning_put_key(cleaning, field);
	number_json(&cleaning->writer, cleaning->event->fields[field]);
}

static void put_id(struct cleaning *cleaning, enum field field)
{
	sender_put_id(cleaning, event_text(cleaning->event, field));
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

#define HEAD(type)                                                                                 \
	{                                                                                          \
		"{\"type\":\"" type "\",\"payload\":{", sizeof(type) + 21                          \
	}

/* What tells visitors apart, where they are not to be; traits are of a person, too. */
static bool is_withheld(const struct cleaning *cleaning, enum field field)
{
	if (cleaning->mode != IDENTITY_NONE)
		return false;
	return field == FIELD_ID || field == FIELD_SCREEN || is_of_client(field) ||
	       (field == FIELD_DATA && cleaning->event->type == CLEAN_IDENTIFY);
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
		if (event->fields[i] && !is_withheld(cleaning, (enum field)i))
			uses[i].put(cleaning, (enum field)i);
	sender_put(cleaning);
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
	const struct config *config = strainer_config(strainer);
	struct cleaning cleaning = {.arena = arena,
				    .strainer = strainer,
				    .event = event,
				    .sender = sender,
				    .mode = (enum identity_mode)config->identity_mode,
				    .url = TEXT("")};
	char route[TEMPLATE_MAX];

	cleaning.query = (struct query_rule){.keep = (enum query_keep)config->query_keep,
					     .allow = &config->query_allow,
					     .click_ids = cleaning.mode == IDENTITY_FULL};
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
