/*
 * config_show - the settings in force and where each came from, as YAML that
 * config_load() takes back (secrets excepted).
 */
#include "config_rows.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* In quotes; what reads as a variable is quoted as one that is none. */
static void show_string(struct buf *out, const char *string)
{
	struct buf text;

	buf_init(&text, out->max);
	for (; *string; string++) {
		if (strncmp(string, "${", 2) == 0)
			buf_addc(&text, '$');
		buf_addc(&text, *string);
	}
	buf_add_json(out, text.data, text.len);
	out->failed = out->failed || text.failed;
	buf_free(&text);
}

static void show_list(struct buf *out, const struct config_list *list)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			buf_adds(out, ", ");
		show_string(out, list->items[i]);
	}
	buf_addc(out, ']');
}

static void show_word(struct buf *out, const char *words, unsigned index)
{
	for (; index; index--)
		words = strchr(words, '|') + 1;
	buf_add(out, words, strcspn(words, "|"));
}

static void show_value(struct buf *out, const struct config_row *row, const void *field)
{
	const char *const *string = field;

	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		buf_adds(out, *(const bool *)field ? "true" : "false");
		break;
	case CONFIG_TYPE_UINT:
		buf_addu(out, *(const uint64_t *)field);
		break;
	case CONFIG_TYPE_STRING:
		show_string(out, *string);
		break;
	case CONFIG_TYPE_SECRET:
		buf_adds(out, **string ? "\"***\"" : "\"\"");
		break;
	case CONFIG_TYPE_LIST:
		show_list(out, field);
		break;
	case CONFIG_TYPE_ENUM:
		show_word(out, row->unit, *(const unsigned *)field);
		break;
	}
}

void config_show(const struct config *config, struct buf *out)
{
	const struct config_loaded *loaded = (const struct config_loaded *)config;

	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct config_row *row = &config_rows[i];

		buf_addf(out, "%s: ", row->key);
		show_value(out, row, (const char *)config + row->offset);
		buf_addf(out, "  # %s\n", loaded->origins[i]);
	}
}

enum status config_get(const struct config *config, const char *key, struct buf *out)
{
	const struct config_row *row = config_find(key);
	const struct config_list *list;
	const void *field;

	if (!row)
		return ST_NOT_FOUND;
	field = (const char *)config + row->offset;
	switch (row->type) {
	case CONFIG_TYPE_SECRET:
		return ST_DENIED;
	case CONFIG_TYPE_STRING:
		buf_adds(out, *(const char *const *)field);
		break;
	case CONFIG_TYPE_LIST:
		list = field;
		for (size_t i = 0; i < list->n; i++)
			buf_addf(out, i ? "\n%s" : "%s", list->items[i]);
		break;
	default:
		show_value(out, row, field);
	}
	return buf_ok(out) ? ST_OK : ST_NO_MEMORY;
}

bool config_is_default(const struct config *config, const char *key)
{
	const struct config_loaded *loaded = (const struct config_loaded *)config;
	const struct config_row *row = config_find(key);

	assert(row);
	return strcmp(loaded->origins[row - config_rows], "default") == 0;
}

/* Switches that are on unless somebody turned them off. */
static const struct {
	size_t offset;
	const char *sentence;
} guards[] = {
#define GUARD(field, sentence)                                                                     \
	{                                                                                          \
		offsetof(struct config, field), sentence                                           \
	}
    GUARD(sanitize, "Sanitizing is OFF as a whole: personal data is kept and forwarded."),
    GUARD(sanitize_emails, "E-mail addresses are not redacted."),
    GUARD(sanitize_tokens, "Secret values and JSON web tokens are not redacted."),
    GUARD(sanitize_api_keys, "API keys are not redacted."),
    GUARD(sanitize_uuids, "UUIDs are not redacted."),
    GUARD(sanitize_phones, "Phone numbers are not redacted."),
    GUARD(sanitize_cards, "Payment card numbers are not redacted."),
    GUARD(sanitize_hex, "Long hexadecimal runs are not redacted."),
    GUARD(sanitize_ips, "Network addresses in strings are not truncated."),
    GUARD(privacy_honor_dnt, "DNT and Global Privacy Control are not honoured."),
#undef GUARD
};

/* Of a URL that config_value has checked. */
static bool is_loopback(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	if (len == 9 && strncasecmp(host, "localhost", 9) == 0)
		return true;
	if (len == 5 && strncmp(host, "[::1]", 5) == 0)
		return true;
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

/* The indices are those of the words in config.def. */
static size_t warn_of_identity(const struct config *config, struct buf *out)
{
	bool full = config->identity_mode == 2, lasting = config->identify_ids == 1;

	if (full)
		buf_adds(out, "Whole addresses and user agents are kept and forwarded "
			      "(identity.mode: full).\n");
	if (lasting)
		buf_adds(out, "Visitors with a distinct id are known again after the day "
			      "(identify.ids: persistent).\n");
	return (size_t)full + lasting;
}

size_t config_warnings(const struct config *config, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		if (!*(const bool *)((const char *)config + guards[i].offset)) {
			buf_addf(out, "%s\n", guards[i].sentence);
			n++;
		}
	n += warn_of_identity(config, out);
	if (config->spool_sync == 0) {
		buf_adds(out, "A power cut may lose the events of the last half minute "
			      "(spool.sync: process).\n");
		n++;
	}
	if (strncmp(config->umami_api_url, "http://", 7) == 0 &&
	    !is_loopback(config->umami_api_url)) {
		buf_adds(out,
			 "Events go to another machine in clear text (umami.api_url is http).\n");
		n++;
	}
	return n;
}
