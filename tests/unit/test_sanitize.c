#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "straining.h"

#define OTHER "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

static struct straining straining;

static int setup(void **state)
{
	(void)state;
	return straining_open(&straining, NULL);
}

static int teardown(void **state)
{
	(void)state;
	straining_close(&straining);
	return 0;
}

/* `payload`: further members; event, identify or performance. */
static struct clean *run(const char *type, const char *payload)
{
	static char body[1u << 20];
	struct clean *clean;
	int n = snprintf(body, sizeof(body),
			 "{\"type\":\"%s\",\"payload\":{\"website\":\"" SITE "\"%s%s}}", type,
			 *payload ? "," : "", payload);

	clean = straining_run(&straining, body, (size_t)n);
	assert_non_null(clean);
	return clean;
}

static void setting(const char *key, char *value)
{
	struct sender *sender = &straining.sender;

	if (strcmp(key, "ip") == 0)
		sender->address = strcmp(value, "-") == 0 ? NULL : value;
	else if (strcmp(key, "ua") == 0)
		sender->user_agent = strcmp(value, "-") == 0 ? NULL : value;
	else if (strcmp(key, "imported") == 0)
		sender->imported = true;
	else
		fail_msg("unknown setting %s", key);
}

/* "type; key=value; key" */
static const char *take_settings(char *line)
{
	char *type = strtok(line, ";"), *item;

	straining.sender = (struct sender){
	    .address = "203.0.113.77", .user_agent = BROWSER, .received_us = NOW_S * US_PER_S};
	while ((item = strtok(NULL, ";"))) {
		char *value = strchr(item, '=');

		item += strspn(item, " ");
		if (value)
			*value++ = '\0';
		setting(item, value);
	}
	return type;
}

/* "~500x" stands for 500 times x. */
static void expand(char *out, size_t size, const char *in)
{
	size_t n = 0;

	while (*in && n + 1 < size) {
		unsigned long count = 1;
		char *end;

		if (*in == '~') {
			count = strtoul(in + 1, &end, 10);
			in = end;
		}
		for (; count > 0 && n + 1 < size; count--)
			out[n++] = *in;
		in++;
	}
	out[n] = '\0';
}

static void shorten(char *out, const char *what, const char *by)
{
	char *at = strstr(out, what);

	if (!at)
		return;
	memcpy(at, by, strlen(by));
	memmove(at + strlen(by), at + strlen(what), strlen(at + strlen(what)) + 1);
}

/* A visitor's hash is another in each run. */
static void hide_id(char *out)
{
	char *at = strstr(out, ",\"id\":\"");

	if (!at || strspn(at + 7, "abcdefghijklmnopqrstuvwxyz234567") != 26)
		return;
	at[6] = '#';
	memmove(at + 7, at + 34, strlen(at + 34) + 1);
}

/* The payload behind the website, without what every event of this test ends with. */
static void describe(char *out, size_t size, const struct clean *clean)
{
	static const char *const labels[REPAIRS] = {
#define REPAIR(name, label, help) label,
#include "repair.def"
#undef REPAIR
	};
	static const char head[] = "\"payload\":{\"website\":\"" SITE "\"";
	static const char tail[] =
	    ",\"ip\":\"203.0.113.0\",\"userAgent\":\"UA\",\"id\":#,\"timestamp\":1795190400";
	const uint8_t *repairs = clean_repairs(clean);
	size_t len, n;
	const char *json = strstr(clean_json(clean, &len), head);

	assert_non_null(json);
	n = (size_t)snprintf(out, size, "%s", json + sizeof(head) - 1);
	assert_true(n < size);
	shorten(out, "\"" BROWSER "\"", "\"UA\"");
	hide_id(out);
	n = strlen(out);
	n -= 2; /* the closing braces */
	if (n >= sizeof(tail) - 1 &&
	    memcmp(out + n - sizeof(tail) + 1, tail, sizeof(tail) - 1) == 0)
		n -= sizeof(tail) - 1;
	for (int i = 0; i < REPAIRS; i++)
		if (repairs[i])
			n += (size_t)snprintf(out + n, size - n, " %s", labels[i]);
	out[n] = '\0';
}

static FILE *golden_file(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/data/%s", top ? top : ".", name);
	file = fopen(path, "r");
	assert_non_null(file);
	return file;
}

static void next_line(FILE *file, char *out, size_t size)
{
	static char line[8192];

	assert_non_null(fgets(line, sizeof(line), file));
	line[strcspn(line, "\n")] = '\0';
	expand(out, size, line);
}

/* event.test: settings; further members of the payload; what is sent, and repairs. */
static void goldens(void **state)
{
	static char first[512], payload[16384], expected[16384], got[32768];
	FILE *file = golden_file("event.test");
	int groups = 0, wrong = 0;

	(void)state;
	while (fgets(first, sizeof(first), file)) {
		const char *type;

		first[strcspn(first, "\n")] = '\0';
		if (!*first || *first == '#')
			continue;
		type = take_settings(first);
		next_line(file, payload, sizeof(payload));
		next_line(file, expected, sizeof(expected));
		describe(got, sizeof(got), run(type, payload));
		groups++;
		if (strcmp(got, expected) == 0)
			continue;
		print_error("%s\n    gives %s\n    not   %s\n", payload, got, expected);
		wrong++;
	}
	fclose(file);
	assert_int_equal(wrong, 0);
	assert_true(groups > 40);
}

static int plain_sender(void **state)
{
	(void)state;
	straining.sender = (struct sender){
	    .address = "203.0.113.77", .user_agent = BROWSER, .received_us = NOW_S * US_PER_S};
	return 0;
}

static void type_view_source_and_route(void **state)
{
	static const char link[] =
	    "{\"type\":\"event\",\"payload\":{\"link\":"
	    "\"81251CF4-B506-4A28-B73B-FFD5DDEB44F0\",\"url\":\"https://x.example/q/1\"}}";
	struct clean *clean = run("event", "\"url\":\"https://a.example/orders/4711?x=1\"");

	(void)state;
	assert_int_equal(clean_type(clean), CLEAN_EVENT);
	assert_true(clean_is_view(clean));
	assert_string_equal(clean_source(clean), SITE);
	assert_string_equal(clean_route(clean), "/orders/{id}");
	assert_int_equal(clean_received_us(clean), NOW_S * US_PER_S);
	assert_true(clean_is_view(run("event", "\"name\":\"\"")));
	assert_false(clean_is_view(run("event", "\"name\":\"signup\"")));
	assert_false(clean_is_view(run("identify", "")));
	assert_int_equal(clean_type(run("performance", "")), CLEAN_PERFORMANCE);
	assert_string_equal(clean_route(run("event", "")), "");
	clean = straining_run(&straining, link, sizeof(link) - 1);
	assert_string_equal(clean_source(clean), "81251cf4-b506-4a28-b73b-ffd5ddeb44f0");
	assert_false(clean_is_view(clean));
}

static void redactions_are_counted_by_class(void **state)
{
	const uint16_t *n = clean_redactions(
	    run("event", "\"url\":\"/user/john@example.com/"
			 "reset?token=abc123\",\"title\":\"a@b.example c@d.example\""));

	(void)state;
	assert_int_equal(n[1 + 2], 3); /* SAN_EMAIL */
	assert_int_equal(n[0], 1);     /* SAN_SECRET */
	n = clean_redactions(run("event", "\"title\":\"nobody\""));
	for (int i = 0; i < CLEAN_CLASSES; i++)
		assert_int_equal(n[i], 0);
}

static uint64_t visitor(const char *address, const char *agent, const char *payload)
{
	straining.sender.address = address;
	straining.sender.user_agent = agent;
	return clean_visitor(run("event", payload));
}

static void a_visitor_is_address_agent_and_website_or_id(void **state)
{
	uint64_t one = visitor("203.0.113.7", BROWSER, "");

	(void)state;
	assert_true(one == visitor("203.0.113.7", BROWSER, "\"url\":\"/x\""));
	assert_true(one == visitor("198.51.100.1", "x",
				   "\"ip\":\"203.0.113.7\",\"userAgent\":\"" BROWSER "\""));
	assert_true(one != visitor("203.0.113.200", BROWSER, "")); /* an id of its own leaves */
	assert_true(one != visitor("203.0.114.7", BROWSER, ""));
	assert_true(one != visitor("203.0.113.7", OTHER, ""));
	assert_true(one != visitor("203.0.113.7", BROWSER, "\"id\":\"u1\""));
	assert_true(visitor("203.0.113.7", BROWSER, "\"id\":\"u1\"") ==
		    visitor("8.8.8.8", OTHER, "\"id\":\"u1\""));
	straining.sender.received_us += INT64_C(86400) * US_PER_S;
	assert_true(one != visitor("203.0.113.7", BROWSER, ""));
}

/* The member "id" of the clean event, 26 characters. */
static void id_of(char out[27], const char *id)
{
	static const char key[] = "\"id\":\"";
	char payload[2048];
	size_t len;
	const char *at;

	snprintf(payload, sizeof(payload), "\"id\":\"%s\"", id);
	at = strstr(clean_json(run("identify", payload), &len), key);
	assert_non_null(at);
	snprintf(out, 27, "%s", at + sizeof(key) - 1);
	assert_int_equal(strspn(out, "abcdefghijklmnopqrstuvwxyz234567"), 26);
	assert_int_equal(at[sizeof(key) - 1 + 26], '"');
}

static void ids_are_hashed_for_a_day(void **state)
{
	char a[27], b[27];
	size_t len;

	(void)state;
	id_of(a, "user-42");
	id_of(b, "user-42");
	assert_string_equal(a, b);
	id_of(b, "user-43");
	assert_string_not_equal(a, b);
	id_of(b, "john@example.com");
	assert_null(strchr(b, '['));
	straining.sender.received_us += INT64_C(2) * 86400 * US_PER_S;
	id_of(b, "user-42");
	assert_string_not_equal(a, b);
	straining.sender.imported = true;
	assert_null(strstr(clean_json(run("event", "\"id\":\"user-42\""), &len), "\"id\""));
}

static void a_key_that_fails_refuses_the_event(void **state)
{
	static const char body[] = "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\"}}";

	(void)state;
	assert_int_equal(chmod(straining.key_dir, 0777), 0);
	straining.sender.received_us += INT64_C(5) * 86400 * US_PER_S;
	assert_null(straining_run(&straining, body, sizeof(body) - 1));
	assert_int_equal(chmod(straining.key_dir, 0700), 0);
	assert_non_null(straining_run(&straining, body, sizeof(body) - 1));
}

static void too_little_memory_refuses_the_event(void **state)
{
	static const char body[] = "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE
				   "\",\"title\":\"john@example.com\",\"data\":{\"a\":[1,2,3]}}}";
	struct arena *kept = straining.arena;

	(void)state;
	for (size_t cap = 4096; cap < 16384; cap += 64) {
		struct clean *clean;
		size_t len;

		straining.arena = arena_new(cap);
		assert_non_null(straining.arena);
		clean = straining_run(&straining, body, sizeof(body) - 1);
		if (clean)
			assert_null(strstr(clean_json(clean, &len), "john"));
		arena_free(straining.arena);
	}
	straining.arena = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goldens),
	    cmocka_unit_test_setup(type_view_source_and_route, plain_sender),
	    cmocka_unit_test_setup(redactions_are_counted_by_class, plain_sender),
	    cmocka_unit_test_setup(a_visitor_is_address_agent_and_website_or_id, plain_sender),
	    cmocka_unit_test_setup(ids_are_hashed_for_a_day, plain_sender),
	    cmocka_unit_test_setup(a_key_that_fails_refuses_the_event, plain_sender),
	    cmocka_unit_test_setup(too_little_memory_refuses_the_event, plain_sender),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
