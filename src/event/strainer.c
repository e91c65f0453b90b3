/*
 * strainer - the toggles of umami.sanitization as sanitizer options, and the day's
 * keys in locked memory that no core dump holds.
 *
 * The key of the file is never used itself: each purpose has a key derived from it,
 * so that no hash that leaves here can be compared with one of another kind.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "file.h"
#include "identity.h"
#include "pages.h"
#include "session.h"
#include "state.h"
#include "strain.h"

#define SLACK 64
#define MODES 3		  /* of enum san_mode */
#define KNOWN_KEPT 256	  /* texts of a mode; each has one place */
#define KNOWN_LONGEST 256 /* hashing costs a fifth of straining */

struct strainer_rules {
	struct san_rules *san;
	const struct config *config;
	struct identity *identity;
	char *secret;		/* what sessions are hashed with, or NULL */
	unsigned char *lasting; /* for ids, where they are to be known for longer than a day */
	bool brief;		/* who strains lives for one request */
};

struct strainer {
	const struct strainer_rules *rules;
	struct san_scanner *scanner;
	struct day_keys *keys;	    /* with guards around them, or: */
	struct day_keys brief_keys; /* nobody stays who could come near them */
	int64_t day;		    /* that keys and what was seen under them are of */
	struct agents agents;
	uint64_t known[MODES][KNOWN_KEPT]; /* 0: empty */
	struct clean_routes routes;
};

static void set_actions(struct san_options *options, const struct config *config)
{
	const struct {
		enum san_class class;
		bool on;
		enum san_action action;
	} rows[] = {
	    {SAN_SECRET, config->sanitize_tokens, SAN_REDACT},
	    {SAN_JWT, config->sanitize_tokens, SAN_REDACT},
	    {SAN_API_KEY, config->sanitize_api_keys, SAN_REDACT},
	    {SAN_EMAIL, config->sanitize_emails, SAN_REDACT},
	    {SAN_UUID, config->sanitize_uuids, SAN_REDACT},
	    {SAN_CARD, config->sanitize_cards, SAN_REDACT},
	    {SAN_IP, config->sanitize_ips, SAN_TRUNCATE},
	    {SAN_PHONE, config->sanitize_phones, SAN_REDACT},
	    {SAN_HEX, config->sanitize_hex, SAN_REDACT},
	    {SAN_IBAN, config->sanitize_ibans, SAN_REDACT},
	    {SAN_MAC, config->sanitize_macs, SAN_REDACT},
	    {SAN_SSN, config->sanitize_ssns, SAN_REDACT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		options->action[rows[i].class] =
		    config->sanitize && rows[i].on ? rows[i].action : SAN_KEEP;
}

static enum status status_of(int error)
{
	return error == SAN_ENOMEM ? ST_NO_MEMORY : ST_CONFIG;
}

static enum status open_lasting(struct strainer_rules *rules, struct reason *why)
{
	enum status status = file_mkdirs(rules->config->state_dir, 0700);

	if (status != ST_OK)
		return reason_set(why, status, "state.dir: cannot be made");
	rules->lasting = sodium_malloc(IDENTITY_KEY_BYTES);
	if (!rules->lasting)
		return reason_set(why, ST_NO_MEMORY, "the key of ids: out of memory");
	return identity_lasting_key(rules->config->state_dir, STATE_ID_KEY, rules->lasting, why);
}

static enum status open_secret(struct strainer_rules *rules, struct reason *why)
{
	const char *app_secret = rules->config->umami_app_secret;

	if (!app_secret || !*app_secret)
		return ST_OK;
	rules->secret = sodium_malloc(SESSION_SECRET_BYTES);
	if (!rules->secret)
		return reason_set(why, ST_NO_MEMORY, "umami.app_secret: out of memory");
	session_secret(rules->secret, app_secret);
	return ST_OK;
}

enum status strainer_rules_new(struct strainer_rules **out, const struct config *config,
			       int compile, struct reason *why)
{
	struct strainer_rules *rules = calloc(1, sizeof(*rules));
	struct san_options options;
	char text[256] = "";
	enum status status;
	int error;

	if (!rules || sodium_init() < 0) {
		free(rules);
		return reason_set(why, ST_NO_MEMORY, "the sanitizer: no memory or no randomness");
	}
	rules->config = config;
	rules->brief = !compile;
	san_options_init(&options);
	set_actions(&options, config);
	error = san_rules_new(&rules->san, &options, text, sizeof(text));
	if (error >= 0 && compile)
		error = san_rules_compile(rules->san);
	if (error < 0) {
		status = reason_set(why, status_of(error), "the sanitizer: %s %s",
				    san_strerror(error), text);
		goto out;
	}
	status = identity_open(&rules->identity, config->identity_key_dir, why);
	if (status == ST_OK)
		status = open_secret(rules, why);
	if (status == ST_OK && config->identify_ids == IDENTITY_IDS_PERSISTENT)
		status = open_lasting(rules, why);
out:
	if (status == ST_OK)
		*out = rules;
	else
		strainer_rules_free(rules);
	return status;
}

void strainer_rules_free(struct strainer_rules *rules)
{
	if (!rules)
		return;
	identity_close(rules->identity);
	sodium_free(rules->lasting);
	sodium_free(rules->secret);
	san_rules_free(rules->san);
	free(rules);
}

const char *strainer_rules_dir(const struct strainer_rules *rules)
{
	return identity_dir(rules->identity);
}

enum status strainer_rules_key(const struct strainer_rules *rules, int64_t now_us,
			       struct reason *why)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	enum status status = identity_key(rules->identity, clock_day(now_us), key);

	sodium_memzero(key, sizeof(key));
	if (status == ST_OK)
		return ST_OK;
	(void)reason_set_path(why, status, identity_dir(rules->identity));
	reason_prefix(why, "the day's key cannot be had");
	return status;
}

/* Guards are seven changes of the memory's map: a twentieth of what a request costs by CGI. */
static struct day_keys *keys_new(struct strainer *strainer)
{
	if (!strainer->rules->brief)
		return sodium_malloc(sizeof(*strainer->keys));
	(void)sodium_mlock(&strainer->brief_keys, sizeof(strainer->brief_keys));
	return &strainer->brief_keys;
}

static void keys_free(struct strainer *strainer)
{
	if (strainer->keys == &strainer->brief_keys)
		sodium_memzero(strainer->keys, sizeof(*strainer->keys));
	else
		sodium_free(strainer->keys);
}

enum status strainer_new(struct strainer **out, const struct strainer_rules *rules)
{
	struct strainer *strainer = pages_new(sizeof(*strainer));

	if (!strainer)
		return ST_NO_MEMORY;
	strainer->rules = rules;
	strainer->day = INT64_MIN;
	strainer->keys = keys_new(strainer);
	if (!strainer->keys || san_scanner_new(&strainer->scanner, rules->san) < 0) {
		strainer_free(strainer);
		return ST_NO_MEMORY;
	}
	*out = strainer;
	return ST_OK;
}

void strainer_free(struct strainer *strainer)
{
	if (!strainer)
		return;
	san_scanner_free(strainer->scanner);
	keys_free(strainer);
	pages_free(strainer, sizeof(*strainer)); /* and the agents with it */
}

enum status strain(struct strainer *strainer, struct arena *arena, enum san_mode mode,
		   struct text in, struct text *out)
{
	size_t cap = in.len + in.len / 4 + SLACK, len = 0;
	int result = SAN_ENOSPC;

	for (int try = 0; try < 2 && result == SAN_ENOSPC; try++, cap = len) {
		char *data = arena_alloc(arena, cap);

		if (!data)
			return ST_NO_MEMORY;
		result = san_clean(strainer->scanner, mode, in.data, in.len, data, cap, &len);
		*out = (struct text){data, len};
	}
	if (result == 0 && len == in.len && memcmp(out->data, in.data, len) == 0)
		*out = in;
	if (result >= 0)
		return ST_OK;
	*out = (struct text){NULL, 0};
	return status_of(result);
}

bool strainer_knows(const struct strainer *strainer, enum san_mode mode, struct text text,
		    uint64_t *hash)
{
	*hash = 0;
	if (text.len > KNOWN_LONGEST)
		return false;
	crypto_shorthash((unsigned char *)hash, (const unsigned char *)text.data, text.len,
			 strainer->keys->text);
	return *hash && strainer->known[mode][*hash % KNOWN_KEPT] == *hash;
}

void strainer_learn(struct strainer *strainer, enum san_mode mode, uint64_t hash)
{
	if (hash)
		strainer->known[mode][hash % KNOWN_KEPT] = hash;
}

const char *strainer_secret(const struct strainer *strainer)
{
	return strainer->rules->secret;
}

struct clean_routes *strainer_routes(struct strainer *strainer)
{
	return &strainer->routes;
}

const struct config *strainer_config(const struct strainer *strainer)
{
	return strainer->rules->config;
}

void strain_begin(struct strainer *strainer)
{
	san_counts_reset(strainer->scanner);
}

const uint64_t *strain_counts(const struct strainer *strainer)
{
	return san_counts(strainer->scanner);
}

static void derive(struct day_keys *keys, const unsigned char *day, const unsigned char *lasting)
{
	static const char context[crypto_kdf_CONTEXTBYTES] = {'t', 'a', 'm', 'i',
							      's', 'd', 'a', 'y'};

	unsigned char key[32];

	crypto_kdf_derive_from_key(key, sizeof(key), 1, context, lasting ? lasting : day);
	crypto_generichash_init(&keys->id, key, sizeof(key), SENDER_HASH_BYTES);
	sodium_memzero(key, sizeof(key));
	crypto_kdf_derive_from_key(keys->person, sizeof(keys->person), 3, context, day);
	crypto_kdf_derive_from_key(keys->visitor, sizeof(keys->visitor), 2, context, day);
	crypto_kdf_derive_from_key(keys->agent, sizeof(keys->agent), 4, context, day);
	crypto_kdf_derive_from_key(keys->text, sizeof(keys->text), 5, context, day);
}

enum status strainer_keys(const struct day_keys **out, struct strainer *strainer,
			  int64_t received_us)
{
	int64_t day = clock_day(received_us);
	unsigned char *key = strainer->keys->day;
	enum status status;

	*out = strainer->keys;
	if (day == strainer->day)
		return ST_OK;
	status = identity_key(strainer->rules->identity, day, key);
	if (status == ST_OK) {
		derive(strainer->keys, key, strainer->rules->lasting);
		if (strainer->day != INT64_MIN) {
			agents_forget(&strainer->agents);
			sodium_memzero(strainer->known, sizeof(strainer->known));
		}
		strainer->day = day;
	}
	sodium_memzero(key, IDENTITY_KEY_BYTES);
	return status;
}

const struct agent_note *strainer_agent(struct strainer *strainer, struct text agent, uint64_t hash)
{
	return agents_note(&strainer->agents, agent,
			   hash ? hash : agents_hash(agent, strainer->keys->agent));
}
