/*
 * Each toggle of umami.sanitization lets its own class through and no other; what is
 * no matter of strings (address, id) stays protected with all of them off.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "strained_route.h"
#include "straining.h"

#define TITLE                                                                                      \
	"a@mail.example password=hunter22 AK"                                                      \
	"IAQ7XZ2CANARYKE3PW 7d9c1f00-ca4a-4e1b-9bd0-ca9a4b1dca4a 5500005555555559 "                \
	"+49 30 90182055 ca4a71b1d0ca4a71b1d0ca4a71b1d0ca4a71b1d0 198.51.100.77"
#define BODY                                                                                       \
	"{\"type\":\"event\",\"payload\":{\"website\":\"" SITE                                     \
	"\",\"id\":\"user-42\",\"title\":\"" TITLE "\"}}"

static const char *const pieces[] = {"a@mail.example",	     "hunter22",	 "CANARYKE3PW",
				     "ca9a4b1dca4a",	     "5500005555555559", "90182055",
				     "ca4a71b1d0ca4a71b1d0", "198.51.100.77"};

static void all(struct config *config)
{
	(void)config;
}

static void no_emails(struct config *config)
{
	config->sanitize_emails = false;
}

static void no_tokens(struct config *config)
{
	config->sanitize_tokens = false;
}

static void no_keys(struct config *config)
{
	config->sanitize_api_keys = false;
}

static void no_uuids(struct config *config)
{
	config->sanitize_uuids = false;
}

static void no_cards(struct config *config)
{
	config->sanitize_cards = false;
}

static void no_phones(struct config *config)
{
	config->sanitize_phones = false;
}

static void no_hex(struct config *config)
{
	config->sanitize_hex = false;
}

static void no_ips(struct config *config)
{
	config->sanitize_ips = false;
}

static void nothing(struct config *config)
{
	config->sanitize = false;
}

/* As bits, which pieces are still there. */
static unsigned survivors(void (*change)(struct config *config))
{
	struct straining straining;
	struct clean *clean;
	const char *json;
	unsigned bits = 0;
	size_t len;

	assert_int_equal(straining_open(&straining, change), 0);
	clean = straining_run(&straining, BODY, sizeof(BODY) - 1);
	assert_non_null(clean);
	json = clean_json(clean, &len);
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		bits |= strstr(json, pieces[i]) ? 1u << i : 0;
	assert_null(strstr(json, "user-42"));
	assert_non_null(strstr(json, "\"ip\":\"203.0.113.0\""));
	straining_close(&straining);
	return bits;
}

static void each_toggle_is_one_class(void **state)
{
	(void)state;
	assert_int_equal(survivors(all), 0);
	assert_int_equal(survivors(no_emails), 1);
	assert_int_equal(survivors(no_tokens), 2);
	assert_int_equal(survivors(no_keys), 4);
	assert_int_equal(survivors(no_uuids), 8);
	assert_int_equal(survivors(no_cards), 16);
	assert_int_equal(survivors(no_phones), 32);
	assert_int_equal(survivors(no_hex), 64);
	assert_int_equal(survivors(no_ips), 128);
	assert_int_equal(survivors(nothing), 255);
}

static void more(struct config *config)
{
	config->sanitize_ibans = config->sanitize_macs = config->sanitize_ssns = true;
}

/* Off by default. */
static void three_classes_are_for_the_asking(void **state)
{
	static const char body[] =
	    "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE
	    "\",\"title\":\"iban DE89370400440532013000 mac 3c:22:fb:12:34:56 ssn 219-09-9990\"}}";
	struct straining straining;
	const char *json;
	size_t len;

	(void)state;
	assert_int_equal(straining_open(&straining, NULL), 0);
	json = clean_json(straining_run(&straining, body, sizeof(body) - 1), &len);
	assert_non_null(strstr(json, "DE89370400440532013000 mac 3c:22:fb:12:34:56"));
	straining_close(&straining);
	assert_int_equal(straining_open(&straining, more), 0);
	json = clean_json(straining_run(&straining, body, sizeof(body) - 1), &len);
	assert_non_null(strstr(json, "iban [REDACTED_IBAN] mac [REDACTED_MAC] ssn [REDACTED_SSN]"));
	straining_close(&straining);
}

/* What was seen before, clean or not, as the same field or another, is taken as if it was new. */
static void what_came_before_changes_nothing(void **state)
{
	static const char *const texts[] = {
	    "Pricing", "/?q=a%40mail.example",
	    "/?d=am9obkBtYWlsLmV4YW1wbGU=", "/login?password=hunter22",
	    "https://www.example.org/a?b=c"};
	struct straining one, other;

	(void)state;
	assert_int_equal(straining_open(&one, NULL), 0);
	for (size_t i = 0; i < 3 * sizeof(texts) / sizeof(texts[0]); i++) {
		const char *title = texts[i % 5], *url = texts[(i + i / 5) % 5], *json, *fresh;
		struct clean *clean, *anew;
		char body[512];
		size_t len, fresh_len;

		snprintf(body, sizeof(body),
			 "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE
			 "\",\"title\":\"%s\",\"url\":\"%s\",\"referrer\":\"%s\"}}",
			 title, url, url);
		assert_int_equal(straining_open(&other, NULL), 0);
		clean = straining_run(&one, body, strlen(body));
		anew = straining_run(&other, body, strlen(body));
		json = clean_json(clean, &len);
		fresh = clean_json(anew, &fresh_len);
		/* The ids are under keys of their own. */
		assert_int_equal(len, fresh_len);
		assert_memory_equal(json, fresh, (size_t)(strstr(fresh, ",\"id\":") - fresh));
		assert_memory_equal(clean_redactions(clean), clean_redactions(anew),
				    CLEAN_CLASSES * sizeof(uint16_t));
		straining_close(&other);
	}
	straining_close(&one);
}

/* A template is known again by its text, whatever came between. */
static void a_route_is_strained_each_time(void **state)
{
	static const char *const routes[] = {
	    "",
	    "/",
	    "/orders/{id}",
	    "/who/joe@mail.example",
	    "/orders/{id}/items",
	    "/a/template/of/more/than/sixty-four/characters/that/is/kept/by/nobody/{id}",
	    "/reset/{id}?token=hunter22"};
	struct straining one;

	(void)state;
	assert_int_equal(straining_open(&one, NULL), 0);
	for (size_t i = 0; i < 300; i++) {
		const char *route = routes[i % 7], *clean;
		char other[32];

		snprintf(other, sizeof(other), "/other/%zu/{id}", i);
		assert_string_equal(strained_route(one.strainer, one.arena, other), other);
		clean = strained_route(one.strainer, one.arena, route);
		if (strchr(route, '@'))
			assert_string_equal(clean, "/who/[REDACTED_EMAIL]");
		else if (strchr(route, '='))
			assert_string_equal(clean, "/reset/{id}?token=[REDACTED]");
		else
			assert_ptr_equal(clean, route);
		arena_reset(one.arena);
	}
	straining_close(&one);
}

static void a_bad_directory_says_why(void **state)
{
	struct config config = {.sanitize = true, .identity_key_dir = "/proc/sys"};
	struct strainer_rules *rules;
	struct reason why = {0};

	(void)state;
	assert_int_equal(strainer_rules_new(&rules, &config, 0, &why), ST_CONFIG);
	assert_non_null(strstr(why.text, "identity.key_dir"));
	strainer_rules_free(NULL);
	strainer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_toggle_is_one_class),
	    cmocka_unit_test(three_classes_are_for_the_asking),
	    cmocka_unit_test(what_came_before_changes_nothing),
	    cmocka_unit_test(a_route_is_strained_each_time),
	    cmocka_unit_test(a_bad_directory_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
