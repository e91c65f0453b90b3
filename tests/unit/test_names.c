/*
 * Names of secrets and the ways to write a pair, each with each: the value goes
 * and nothing else. Names that only look like it keep theirs.
 */
#include "unit.h"

#include "sanitizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "%n" stands for the name, "%v" for the value. */
static const struct notation {
	enum san_mode mode;
	const char *form;
} notations[] = {
    {SAN_URL, "/p/x?%n=%v"},
    {SAN_URL, "/p/x?%n=%v&page=2"},
    {SAN_URL, "https://app.example.com/a/b?tab=main&%n=%v&x=1#sec"},
    {SAN_URL, "https://app.example.com/cb#%n=%v&expires_in=3600"},
    {SAN_URL, "/store;%n=%v/items?page=1"},
    {SAN_URL, "/p?a=1;%n=%v;b=2"},
    {SAN_URL, "/go?next=%2Fhome%3F%n%3D%v%26lang%3Den"},
    {SAN_JSON, "{\"event\":\"login\",\"%n\":\"%v\",\"ok\":true}"},
    {SAN_JSON, "{\"a\": {\"b\": [{\"%n\": \"%v\"}]}, \"c\": 1}"},
    {SAN_JSON, "{\"body\":\"{\\\"%n\\\":\\\"%v\\\"}\"}"},
    {SAN_JSON, "{'action':'login','%n':'%v','n':1}"},
    {SAN_TEXT, "{\"event\":\"cfg\",\"%n\":\"%v\",\"ok\":true}"},
    {SAN_TEXT, "2024-05-01 12:00:00 DEBUG cfg - %n=%v loaded"},
    {SAN_TEXT, "2024-05-01 12:00:00 INFO cfg %n: %v"},
    {SAN_TEXT, "2024-05-01 12:00:00 INFO cfg %n: %v, mode=x"},
    {SAN_TEXT, "level=info msg=\"cfg\" %n=%v dur=3ms"},
    {SAN_TEXT, "level=info %n=\"%v\" dur=3ms"},
    {SAN_TEXT, "\"GET /x?%n=%v HTTP/1.1\" 200 5 \"-\" \"curl/8\""},
    {SAN_TEXT, "Cookie: theme=dark; %n=%v; lang=en"},
    {SAN_TEXT, "Set-Cookie: %n=%v; Path=/; HttpOnly"},
    {SAN_TEXT, "-H '%n: %v' -X POST"},
    {SAN_TEXT, "%n: %v"},
    {SAN_TEXT, "%n: '%v'"},
    {SAN_TEXT, "%n = \"%v\""},
    {SAN_TEXT, "export %n=%v"},
    {SAN_TEXT, "tool --%n %v --verbose"},
    {SAN_TEXT, "string %n = \"%v\";"},
    {SAN_TEXT, "var %n string = \"%v\""},
    {SAN_TEXT, "%n := `%v`"},
    {SAN_TEXT, "%n ::= \"%v\""},
    {SAN_TEXT, "%n :::= \"%v\""},
    {SAN_TEXT, "%n ?= \"%v\""},
    {SAN_TEXT, "%n += \"%v\""},
    {SAN_TEXT, "$%n .= \"%v\""},
    {SAN_TEXT, "\"%n\" => \"%v\","},
    {SAN_TEXT, "System.setProperty(\"%n\", \"%v\")"},
    {SAN_TEXT, "<%n>%v</%n>"},
};

static const char *const secret_names[] = {
    "token",
    "access_token",
    "refreshToken",
    "XSRF-TOKEN",
    "csrfmiddlewaretoken",
    "__RequestVerificationToken",
    "authenticity_token",
    "mailgun_token",
    "ADAFRUIT_TOKEN",
    "new-relic_api_key",
    "twitterSecret",
    "client_secret",
    "password",
    "new_password",
    "userpassword",
    "password_confirmation",
    "password2",
    "passwd",
    "pwd",
    "DB_PASS",
    "passphrase",
    "api_key",
    "apiKey",
    "X-API-Key",
    "aws_secret_access_key",
    "private_key",
    "encryptionKey",
    "credentials",
    "sig",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "session",
    "sessionId",
    "JSESSIONID",
    "PHPSESSID",
    "connect.sid",
    "sumologic.accessId",
    "SONAR_LOGIN",
    "otp",
    "cvv",
    "jwt",
    "oauth_verifier",
    "verification_code",
};

static const char *const values[] = {
    "hunter2",
    "Tr0ub4dor26",
    "90690655",
    "f0e4c2f76c58916ec258f246851bea09",
    "95cc050e71f8d9dd37ed221307ee6fae-00001111-22223333",
    "lFRbL3UfLHf8HYCfFyUsAfXcGupZzKAOZqe",
    "wDxN43J1lAX-mk5WPbdp_riMIhzBA",
};

static const char *const harmless_names[] = {
    "president",	"secretary",	"compression",	   "password_length",  "foreign_key",
    "primaryKey",	"public_key",	"publishable_key", "keyboard",	       "turkey",
    "monkey",		"spin",		"passengers",	   "response_type",    "session_duration",
    "session_count",	"inside",	"key_count",	   "shipping",	       "credit",
    "token_type",	"tokens_used",	"max_tokens",	   "completionTokens", "auth_method",
    "author",		"passage",	"compass",	   "bypass",	       "api_version",
    "emailed",		"id",		"sessions",	   "grant_type",       "assign",
    "category",		"keyword",	"tokenizer",	   "authority",	       "signed",
    "design",		"country_code", "cache_key",	   "sort_key",	       "method_signature",
    "password_changed", "token_count",	"key_name",	   "has_secret_santa", "survey",
};

static const char *const harmless_values[] = {
    "lincoln",	  "3412",     "true",	   "RS256",
    "2024-05-01", "team-red", "page_view", "images/2024/photo-12345.jpg",
};

struct fixture {
	struct san_rules *rules;
	struct san_scanner *scanner;
};

static int open_scanner(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f || san_rules_new(&f->rules, NULL, NULL, 0) != 0)
		return -1;
	return san_scanner_new(&f->scanner, f->rules);
}

static int close_scanner(void **state)
{
	struct fixture *f = *state;

	san_scanner_free(f->scanner);
	san_rules_free(f->rules);
	free(f);
	return 0;
}

static void write_pair(char *out, size_t cap, const char *form, const char *name, const char *value)
{
	size_t n = 0;

	for (const char *p = form; *p; p++) {
		const char *piece = p[0] == '%' && p[1] == 'n'	 ? name
				    : p[0] == '%' && p[1] == 'v' ? value
								 : NULL;
		assert_true(n + strlen(piece ? piece : "") + 2 < cap);
		if (!piece) {
			out[n++] = *p;
			continue;
		}
		memcpy(out + n, piece, strlen(piece));
		n += strlen(piece);
		p++;
	}
	out[n] = '\0';
}

static void assert_cleaned(const struct fixture *f, const struct notation *notation,
			   const char *name, const char *value, const char *left)
{
	char in[512], want[512], out[1024];
	size_t len;

	write_pair(in, sizeof(in), notation->form, name, value);
	write_pair(want, sizeof(want), notation->form, name, left);
	assert_true(
	    san_clean(f->scanner, notation->mode, in, strlen(in), out, sizeof(out) - 1, &len) >= 0);
	out[len] = '\0';
	if (strcmp(out, want) != 0)
		fail_msg("\"%s\" became \"%s\"", in, out);
}

static void secrets_go_in_every_notation(void **state)
{
	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		for (size_t k = 0; k < sizeof(secret_names) / sizeof(*secret_names); k++)
			for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++)
				assert_cleaned(*state, &notations[i], secret_names[k], values[v],
					       "[REDACTED]");
}

static void harmless_names_keep_their_values(void **state)
{
	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		for (size_t k = 0; k < sizeof(harmless_names) / sizeof(*harmless_names); k++)
			for (size_t v = 0; v < sizeof(harmless_values) / sizeof(*harmless_values);
			     v++)
				assert_cleaned(*state, &notations[i], harmless_names[k],
					       harmless_values[v], harmless_values[v]);
}

/* Nothing to hide: no placeholder is invented. */
static void what_hides_nothing_stays(void **state)
{
	static const char *const nothing[] = {"null", "true", "false", "[REDACTED]"};

	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		for (size_t v = 0; v < sizeof(nothing) / sizeof(*nothing); v++)
			assert_cleaned(*state, &notations[i], "password", nothing[v], nothing[v]);
}

/* A key named after its vendor goes if it looks random; other keys do not. */
static void keys_of_vendors(void **state)
{
	const struct notation env = {SAN_TEXT, "const %n = \"%v\""};

	assert_cleaned(*state, &env, "contentfulKey", "52bnkbq2sl40n87ne3e5cbjswpszh7ny",
		       "[REDACTED]");
	assert_cleaned(*state, &env, "zendesk_key", "0xntftzcyybdm1pqzolcnjdslmdbqjdy",
		       "[REDACTED]");
	assert_cleaned(*state, &env, "menuKey", "home.title.label", "home.title.label");
	assert_cleaned(*state, &env, "imageKey", "photos/2024/beach-001.jpg",
		       "photos/2024/beach-001.jpg");
}

/* Whatever letters they end with, and both lists in every spelling. */
static void names_of_ones_own(void **state)
{
	static const char *const secret[] = {"badge", "x-kz", "q", NULL}, *const innocent[] = {
									      "page_token", NULL};
	static const char in[] = "/a?badge=b1&X_KZ=b2&q=b3&pageToken=b4&token=b5&n=b6";
	struct san_options options;
	struct fixture own = {0};
	char out[256];
	size_t len;

	(void)state;
	san_options_init(&options);
	options.secret = secret;
	options.innocent = innocent;
	assert_int_equal(san_rules_new(&own.rules, &options, NULL, 0), 0);
	assert_int_equal(san_scanner_new(&own.scanner, own.rules), 0);
	assert_int_equal(
	    san_clean(own.scanner, SAN_URL, in, strlen(in), out, sizeof(out) - 1, &len), 4);
	out[len] = '\0';
	assert_string_equal(out, "/a?badge=[REDACTED]&X_KZ=[REDACTED]&q=[REDACTED]&pageToken=b4&"
				 "token=[REDACTED]&n=b6");
	san_scanner_free(own.scanner);
	san_rules_free(own.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_go_in_every_notation),
	    cmocka_unit_test(harmless_names_keep_their_values),
	    cmocka_unit_test(what_hides_nothing_stays),
	    cmocka_unit_test(keys_of_vendors),
	    cmocka_unit_test(names_of_ones_own),
	};
	return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
