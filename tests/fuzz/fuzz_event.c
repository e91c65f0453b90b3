/*
 * fuzz_event - any body. What is taken comes out as an event that Umami's schema takes
 * too, in a record that reads back; and the reader of JSON agrees with cJSON where
 * cJSON agrees with the standard.
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clean.h"
#include "event.h"
#include "fuzz.h"
#include "json.h"
#include "number.h"
#include "strainer.h"

#define ARENA_BYTES (32u << 20)

struct fuzz {
	struct arena *arena;
	struct arena *again;
	struct strainer_rules *rules;
	struct strainer *strainer;
};

static char dir[] = "/dev/shm/tamis-fuzz-XXXXXX";
static struct fuzz set_up;

/* A strainer lies in pages of its own: who looks for leaks does not see what it points to. */
static void end(void)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;

	strainer_free(set_up.strainer);
	strainer_rules_free(set_up.rules);
	while (entries && (entry = readdir(entries)))
		unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
	rmdir(dir);
}

/* Set up once. */
static struct fuzz *fuzz_of(void)
{
	static struct config config = {.sanitize = true,
				       .sanitize_emails = true,
				       .sanitize_tokens = true,
				       .sanitize_api_keys = true,
				       .sanitize_uuids = true,
				       .sanitize_phones = true,
				       .sanitize_cards = true,
				       .sanitize_hex = true,
				       .sanitize_ips = true};

	if (set_up.arena)
		return &set_up;
	MUST(mkdtemp(dir) && atexit(end) == 0);
	config.identity_key_dir = dir;
	MUST(strainer_rules_new(&set_up.rules, &config, 1, NULL) == ST_OK);
	MUST(strainer_new(&set_up.strainer, set_up.rules) == ST_OK);
	set_up.arena = arena_new(ARENA_BYTES);
	set_up.again = arena_new(ARENA_BYTES);
	MUST(set_up.arena && set_up.again);
	return &set_up;
}

/* An escape \u may be a NUL or a surrogate, where cJSON goes its own way. */
static int is_common(const char *text, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		digits = (c >= '0' && c <= '9') || c == '.' ? digits + 1 : 0;
		if (c >= 0x80 || (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || digits > 50)
			return 0;
		if (c == '\\' && i + 1 < size && text[i + 1] == 'u')
			return 0;
	}
	return 1;
}

static void same(const struct json *ours, const cJSON *theirs)
{
	const cJSON *child = theirs->child;

	if (ours->type == JSON_STRING) {
		MUST(cJSON_IsString(theirs) && strlen(theirs->valuestring) == ours->len);
		MUST(memcmp(theirs->valuestring, ours->text, ours->len) == 0);
	} else if (ours->type == JSON_NUMBER) {
		MUST(cJSON_IsNumber(theirs));
		MUST(number_read(ours->text, ours->len) == theirs->valuedouble);
	} else if (ours->type == JSON_ARRAY || ours->type == JSON_OBJECT) {
		MUST(ours->type == JSON_ARRAY ? cJSON_IsArray(theirs) : cJSON_IsObject(theirs));
		for (const struct json *m = ours->child; m; m = m->next, child = child->next) {
			MUST(child);
			MUST(ours->type == JSON_ARRAY ||
			     (strlen(child->string) == m->key_len &&
			      memcmp(child->string, m->key, m->key_len) == 0));
			same(m, child);
		}
		MUST(!child);
	} else {
		MUST(ours->type == JSON_NULL ? cJSON_IsNull(theirs) : cJSON_IsBool(theirs));
	}
}

static void against_cjson(struct fuzz *fuzz, const char *text, size_t size)
{
	const struct json *ours;
	cJSON *theirs;

	arena_reset(fuzz->arena);
	if (!is_common(text, size) || json_read(&ours, fuzz->arena, text, size) != ST_OK)
		return;
	theirs = cJSON_ParseWithLength(text, size);
	MUST(theirs);
	same(ours, theirs);
	cJSON_Delete(theirs);
}

static void check_clean(struct fuzz *fuzz, const struct clean *clean)
{
	struct problem problem;
	struct clean *read;
	struct event *event;
	const char *json, *json_again;
	const void *record;
	size_t len, len_again;

	arena_reset(fuzz->again);
	json = clean_json(clean, &len);
	if (event_parse(&event, fuzz->again, json, len, &problem) != ST_OK) {
		fprintf(stderr, "%s\n", json);
		for (size_t i = 0; i < problem.n; i++)
			fprintf(stderr, "%s: %s\n", problem.items[i].place,
				problem.items[i].message);
		MUST(!"a clean event that the schema refuses");
	}
	record = clean_record(clean, &len);
	MUST(clean_read(&read, fuzz->again, record, len) == ST_OK);
	json = clean_json(clean, &len);
	json_again = clean_json(read, &len_again);
	MUST(len == len_again && memcmp(json, json_again, len) == 0);
	MUST(strcmp(clean_route(clean), clean_route(read)) == 0);
	MUST(clean_visitor(clean) == clean_visitor(read));
}

static void sanitize(struct fuzz *fuzz, struct event *event)
{
	struct sender sender = {.address = "2001:db8::1",
				.user_agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101",
				.received_us = INT64_C(1795190400000000)};
	struct clean *clean;

	(void)event_fate(event, fuzz->strainer, &sender);
	MUST(event_sanitize(&clean, fuzz->arena, fuzz->strainer, event, &sender) == ST_OK);
	check_clean(fuzz, clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz *fuzz = fuzz_of();
	const char *text = (const char *)data;
	struct event *event, **events;
	struct problem problem, **problems;
	size_t n = 0;

	if (size > 1u << 20)
		return 0;
	against_cjson(fuzz, text, size);
	arena_reset(fuzz->arena);
	if (event_parse(&event, fuzz->arena, text, size, &problem) == ST_OK)
		sanitize(fuzz, event);
	arena_reset(fuzz->arena);
	if (event_parse_batch(&events, &problems, &n, 100, fuzz->arena, text, size, &problem) !=
	    ST_OK)
		return 0;
	for (size_t i = 0; i < n; i++) {
		MUST(!events[i] != !problems[i]);
		if (events[i])
			sanitize(fuzz, events[i]);
	}
	return 0;
}
