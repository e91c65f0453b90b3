#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"

#define SITE "9b379b11-cd77-4afa-995e-06e009cab81c"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4u << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static enum status parse(const char *body, struct event **event, struct problem *problem)
{
	arena_reset(arena);
	return event_parse(event, arena, body, strlen(body), problem);
}

static void print_problem(const struct problem *problem)
{
	for (size_t i = 0; i < problem->n; i++)
		print_error("    %s: %s\n", problem->items[i].place, problem->items[i].message);
}

static struct event *takes(const char *body)
{
	struct problem problem;
	struct event *event = NULL;

	if (parse(body, &event, &problem) != ST_OK) {
		print_problem(&problem);
		fail_msg("refused: %s", body);
	}
	return event;
}

/* expected: "place: message" in order, NULL at the end. */
static void refuses(const char *body, const char *const *expected)
{
	struct problem problem;
	struct event *event = NULL;
	char item[256];
	size_t n = 0;

	if (parse(body, &event, &problem) != ST_INVALID)
		fail_msg("taken: %s", body);
	assert_null(event);
	for (; expected[n]; n++) {
		if (n == problem.n)
			fail_msg("%s\n    lacks %s", body, expected[n]);
		snprintf(item, sizeof(item), "%s: %s", problem.items[n].place,
			 problem.items[n].message);
		assert_string_equal(item, expected[n]);
	}
	if (n != problem.n) {
		print_problem(&problem);
		fail_msg("%s\n    has more errors than %zu", body, n);
	}
}

#define REFUSES(body, ...) refuses((body), (const char *const[]){__VA_ARGS__, NULL})

/* A page view of SITE with `member` among its payload. */
static const char *with(const char *member)
{
	static char body[70000];

	snprintf(body, sizeof(body),
		 "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\",%s}}", member);
	return body;
}

static void wrong(const char *field, const char *value, const char *message)
{
	char member[60000], expected[256];

	snprintf(member, sizeof(member), "\"%s\":%s", field, value);
	snprintf(expected, sizeof(expected), "payload.%s: %s", field, message);
	REFUSES(with(member), expected);
}

static void right(const char *field, const char *value)
{
	char member[60000];

	snprintf(member, sizeof(member), "\"%s\":%s", field, value);
	(void)takes(with(member));
}

static void the_whole_must_be_an_object(void **state)
{
	(void)state;
	REFUSES("", ": Invalid input: expected object, received undefined");
	REFUSES("{", ": Invalid input: expected object, received undefined");
	REFUSES("{} x", ": Invalid input: expected object, received undefined");
	REFUSES("\x1f\x8b\x08", ": Invalid input: expected object, received undefined");
	REFUSES("null", ": Invalid input: expected object, received null");
	REFUSES("1", ": Invalid input: expected object, received number");
	REFUSES("true", ": Invalid input: expected object, received boolean");
	REFUSES("\"x\"", ": Invalid input: expected object, received string");
	REFUSES("[]", ": Invalid input: expected object, received array");
}

#define BAD_TYPE "type: Invalid option: expected one of \"event\"|\"identify\"|\"performance\""

static void type_and_payload_are_both_told(void **state)
{
	(void)state;
	REFUSES("{}", BAD_TYPE, "payload: Invalid input: expected object, received undefined");
	REFUSES("{\"type\":null,\"payload\":null}", BAD_TYPE,
		"payload: Invalid input: expected object, received null");
	REFUSES("{\"type\":\"Event\",\"payload\":1}", BAD_TYPE,
		"payload: Invalid input: expected object, received number");
	REFUSES("{\"type\":\"event\",\"payload\":\"x\"}",
		"payload: Invalid input: expected object, received string");
	REFUSES("{\"type\":\"event\",\"payload\":[]}",
		"payload: Invalid input: expected object, received array");
	REFUSES("{\"type\":\"event\",\"Payload\":{}}",
		"payload: Invalid input: expected object, received undefined");
	REFUSES("{\"payload\":{\"website\":\"x\",\"title\":1}}", BAD_TYPE,
		"payload.website: Invalid UUID",
		"payload.title: Invalid input: expected string, received number");
	REFUSES("{\"type\":\"event\\u0000\",\"payload\":{\"website\":\"" SITE "\"}}", BAD_TYPE);
}

#define ONE_SOURCE "payload.website: Exactly one of website, link, or pixel must be provided"

static void there_is_one_source(void **state)
{
	(void)state;
	REFUSES("{\"type\":\"event\",\"payload\":{}}", ONE_SOURCE);
	REFUSES(with("\"link\":\"" SITE "\""), ONE_SOURCE);
	REFUSES(with("\"pixel\":\"x\""), "payload.pixel: Invalid UUID", ONE_SOURCE);
	REFUSES("{\"type\":\"event\",\"payload\":{\"website\":\"\"}}",
		"payload.website: Invalid UUID", ONE_SOURCE);
	/* an empty string is no source, but no UUID either */
	REFUSES(with("\"link\":\"\""), "payload.link: Invalid UUID");
	/* a field of the wrong type ends zod's look at the object, one too long does not */
	REFUSES("{\"type\":\"event\",\"payload\":{\"title\":5}}",
		"payload.title: Invalid input: expected string, received number");
	REFUSES("{\"type\":\"event\",\"payload\":{\"screen\":\"123456x67890\"}}",
		"payload.screen: Too big: expected string to have <=11 characters", ONE_SOURCE);
	REFUSES("{\"type\":\"event\",\"payload\":{\"url\":\"http://[\"}}",
		"payload.url: Invalid URL.", ONE_SOURCE);
}

static void uuids(void **state)
{
	static const char *const good[] = {
	    "\"9b379b11-cd77-4afa-995e-06e009cab81c\"", "\"9B379B11-CD77-4AFA-995E-06E009CAB81C\"",
	    "\"00000000-0000-0000-0000-000000000000\"", "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"",
	    "\"6f2a5a1e-9d3b-8f43-bf7a-3c2f6b1c9a10\"",
	};
	static const char *const bad[] = {
	    "\"abc\"",
	    "\"6f2a5a1e-9d3b-0f43-8f7a-3c2f6b1c9a10\"",
	    "\"6f2a5a1e-9d3b-9f43-8f7a-3c2f6b1c9a10\"",
	    "\"6f2a5a1e-9d3b-4f43-7f7a-3c2f6b1c9a10\"",
	    "\"6f2a5a1e-9d3b-4f43-cf7a-3c2f6b1c9a10\"",
	    "\"{6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10}\"",
	    "\"6f2a5a1e9d3b4f438f7a3c2f6b1c9a10\"",
	    "\"6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a1g\"",
	    "\"6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a100\"",
	    "\"6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10\\u0000\"",
	    "\" 6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10\"",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(body, sizeof(body), "{\"type\":\"event\",\"payload\":{\"pixel\":%s}}",
			 good[i]);
		assert_null(event_website(takes(body)));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{\"type\":\"event\",\"payload\":{\"link\":%s}}",
			 bad[i]);
		REFUSES(body, "payload.link: Invalid UUID");
	}
	assert_string_equal(event_website(takes(with("\"x\":1"))), SITE);
	assert_string_equal(event_website(takes("{\"type\":\"event\",\"payload\":{\"website\":"
						"\"9B379B11-CD77-4AFA-995E-06E009CAB81C\"}}")),
			    SITE);
}

static void every_field_has_its_type(void **state)
{
	static const char *const strings[] = {
	    "hostname", "language", "referrer",	 "screen", "title",   "url", "name",
	    "tag",	"ip",	    "userAgent", "id",	   "browser", "os",  "device"};
	static const char *const numbers[] = {"lcp", "inp", "cls", "fcp", "ttfb"};
	static const char *const values[][2] = {
	    {"null", "null"}, {"true", "boolean"},  {"5", "number"}, {"\"5\"", "string"},
	    {"[]", "array"},  {"[\"a\"]", "array"}, {"{}", "object"}};
	char message[128];

	(void)state;
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
		snprintf(message, sizeof(message), "Invalid input: expected string, received %s",
			 values[v][1]);
		for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
			if (strcmp(values[v][1], "string") != 0)
				wrong(strings[i], values[v][0], message);
			else
				right(strings[i], values[v][0]);
		}
		snprintf(message, sizeof(message), "Invalid input: expected number, received %s",
			 values[v][1]);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			if (strcmp(values[v][1], "number") != 0)
				wrong(numbers[i], values[v][0], message);
			else
				right(numbers[i], values[v][0]);
		}
		snprintf(message, sizeof(message), "Invalid input: expected record, received %s",
			 values[v][1]);
		if (strcmp(values[v][1], "object") != 0)
			wrong("data", values[v][0], message);
		else
			right("data", values[v][0]);
	}
}

static const char *repeated(const char *piece, size_t n)
{
	static char text[60000];
	size_t len = strlen(piece);

	text[0] = '"';
	for (size_t i = 0; i < n; i++)
		memcpy(text + 1 + i * len, piece, len);
	memcpy(text + 1 + n * len, "\"", 2);
	return text;
}

/* JavaScript counts UTF-16 units: an emoji is two, an e with accent one. */
static void lengths_are_those_of_javascript(void **state)
{
	static const struct {
		const char *field;
		size_t most;
	} rows[] = {{"hostname", 100}, {"language", 35}, {"screen", 11}, {"name", 50}, {"tag", 50}};
	char message[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t most = rows[i].most;

		snprintf(message, sizeof(message),
			 "Too big: expected string to have <=%zu characters", most);
		right(rows[i].field, "\"\"");
		right(rows[i].field, repeated("a", most));
		right(rows[i].field, repeated("\xc3\xa9", most));
		right(rows[i].field, repeated("\\u00e9", most));
		right(rows[i].field, repeated("\xf0\x9f\x98\x80", most / 2));
		right(rows[i].field, repeated("\\ud83d\\ude00", most / 2));
		wrong(rows[i].field, repeated("a", most + 1), message);
		wrong(rows[i].field, repeated("\xc3\xa9", most + 1), message);
		wrong(rows[i].field, repeated("\xf0\x9f\x98\x80", most / 2 + 1), message);
		wrong(rows[i].field, repeated("\\ud83d\\ude00", most / 2 + 1), message);
		wrong(rows[i].field, repeated("\\ud83d", most + 1), message);
		wrong(rows[i].field, repeated("\\u0000", most + 1), message);
	}
	right("title", repeated("t", 50000));
	right("browser", repeated("t", 21));
	right("id", repeated("t", 51));
	right("userAgent", repeated("t", 5000));
}

static void numbers_have_bounds(void **state)
{
	static const char *const small = "Too small: expected number to be >=0";
	static const char *const big = "Too big: expected number to be <=60000";
	static const char *const names[] = {"lcp", "inp", "fcp", "ttfb"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		right(names[i], "0");
		right(names[i], "-0");
		right(names[i], "60000");
		right(names[i], "59999.999");
		wrong(names[i], "60000.1", big);
		wrong(names[i], "1e30", big);
		wrong(names[i], "-1", small);
		wrong(names[i], "-1e-300", small);
		wrong(names[i], "1e999", "Invalid input: expected number, received number");
	}
	right("cls", "100");
	wrong("cls", "100.5", "Too big: expected number to be <=100");
	wrong("cls", "-0.5", small);
}

static void timestamps_are_coerced(void **state)
{
	static const char *const nan = "Invalid input: expected number, received NaN";
	static const char *const good[] = {"0",
					   "1767225600",
					   "\"1767225600\"",
					   "1767225600.0",
					   "1.7672256e9",
					   "\" 5 \"",
					   "\"\"",
					   "null",
					   "true",
					   "false",
					   "[]",
					   "[5]",
					   "[\"5\"]",
					   "[[null]]",
					   "\"0x10\"",
					   "-5",
					   "1767225600000",
					   "9007199254740991"};
	static const char *const none[] = {"\"abc\"", "\"12px\"", "{}",	    "[1,2]",
					   "[true]",  "[{}]",	  "\"1 2\""};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		right("timestamp", good[i]);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		wrong("timestamp", none[i], nan);
	wrong("timestamp", "1.5", "Invalid input: expected int, received number");
	wrong("timestamp", "\"1.5\"", "Invalid input: expected int, received number");
	wrong("timestamp", "\"Infinity\"", "Invalid input: expected number, received number");
	wrong("timestamp", "9007199254740992", "Too big: expected int to be <=9007199254740991");
	wrong("timestamp", "-9007199254740992",
	      "Too small: expected int to be >=-9007199254740991");
}

static void urls_parse_or_are_refused(void **state)
{
	(void)state;
	right("url", "\"/a?b#c\"");
	right("url", "\"\"");
	right("url", "\"javascript:alert(1)\"");
	right("referrer", "\"https://www.google.com/search?q=x\"");
	wrong("url", "\"http://[\"", "Invalid URL.");
	wrong("referrer", "\"https://a b/\"", "Invalid URL.");
	wrong("referrer", "\"//\"", "Invalid URL.");
}

static void all_errors_are_told_in_the_schemas_order(void **state)
{
	(void)state;
	REFUSES("{\"type\":\"event\",\"payload\":{\"ttfb\":-1,\"id\":42,\"title\":5,\"data\":null,"
		"\"website\":\"abc\",\"screen\":\"123456x67890\"}}",
		"payload.website: Invalid UUID",
		"payload.data: Invalid input: expected record, received null",
		"payload.screen: Too big: expected string to have <=11 characters",
		"payload.title: Invalid input: expected string, received number",
		"payload.id: Invalid input: expected string, received number",
		"payload.ttfb: Too small: expected number to be >=0");
}

static void of_duplicates_the_last_counts(void **state)
{
	struct event *event;

	(void)state;
	REFUSES(with("\"title\":\"a\",\"title\":1"),
		"payload.title: Invalid input: expected string, received number");
	event = takes(with("\"title\":1,\"title\":\"b\",\"Title\":2"));
	assert_int_equal(event_text(event, FIELD_TITLE).len, 1);
	event = takes(
	    "{\"type\":\"x\",\"payload\":1,\"type\":\"identify\",\"payload\":{\"website\":\"" SITE
	    "\"}}");
	assert_int_equal(event->type, CLEAN_IDENTIFY);
}

static void unknown_members_are_no_error(void **state)
{
	(void)state;
	(void)takes(
	    with("\"duration\":\"x\",\"__proto__\":{\"url\":1},\"\":0,\"Url\":5,\"url\\u0000\":1"));
	(void)takes("{\"cache\":1,\"type\":\"performance\",\"payload\":{\"website\":\"" SITE
		    "\"}}");
}

static size_t batch(const char *body, enum status expected, struct event ***events,
		    struct problem ***problems, struct problem *problem)
{
	size_t n = 99;

	arena_reset(arena);
	assert_int_equal(
	    event_parse_batch(events, problems, &n, 5, arena, body, strlen(body), problem),
	    expected);
	return n;
}

static void a_batch_is_an_array_of_objects(void **state)
{
	struct event **events;
	struct problem **problems, problem;

	(void)state;
	batch("", ST_INVALID, &events, &problems, &problem);
	assert_string_equal(problem.items[0].message,
			    "Invalid input: expected array, received undefined");
	assert_string_equal(problem.items[0].place, "");
	batch("{}", ST_INVALID, &events, &problems, &problem);
	assert_string_equal(problem.items[0].message,
			    "Invalid input: expected array, received object");
	batch("null", ST_INVALID, &events, &problems, &problem);
	assert_string_equal(problem.items[0].message,
			    "Invalid input: expected array, received null");
	batch("[{},1,{},null]", ST_INVALID, &events, &problems, &problem);
	assert_int_equal(problem.n, 2);
	assert_string_equal(problem.items[0].place, "[1]");
	assert_string_equal(problem.items[0].message,
			    "Invalid input: expected record, received number");
	assert_string_equal(problem.items[1].place, "[3]");
	assert_string_equal(problem.items[1].message,
			    "Invalid input: expected record, received null");
	batch("[{},{},{},{},{},{}]", ST_TOO_LARGE, &events, &problems, &problem);
	assert_int_equal(batch("[]", ST_OK, &events, &problems, &problem), 0);
}

static void elements_stand_for_themselves(void **state)
{
	struct event **events;
	struct problem **problems, problem;

	(void)state;
	assert_int_equal(batch("[{},{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\"}}]",
			       ST_OK, &events, &problems, &problem),
			 2);
	assert_null(events[0]);
	assert_int_equal(problems[0]->n, 2);
	assert_string_equal(problems[0]->items[1].place, "payload");
	assert_null(problems[1]);
	assert_string_equal(event_website(events[1]), SITE);
}

static void hostile_input_is_bounded(void **state)
{
	static char body[1u << 20];
	struct problem problem;
	struct event *event;

	(void)state;
	memset(body, '[', sizeof(body));
	assert_int_equal(event_parse(&event, arena, body, sizeof(body), &problem), ST_TOO_LARGE);
	memset(body, '"', sizeof(body));
	assert_int_equal(event_parse(&event, arena, body, sizeof(body), &problem), ST_INVALID);
	memset(body, '\\', sizeof(body));
	assert_int_equal(event_parse(&event, arena, body, sizeof(body), &problem), ST_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_whole_must_be_an_object),
	    cmocka_unit_test(type_and_payload_are_both_told),
	    cmocka_unit_test(there_is_one_source),
	    cmocka_unit_test(uuids),
	    cmocka_unit_test(every_field_has_its_type),
	    cmocka_unit_test(lengths_are_those_of_javascript),
	    cmocka_unit_test(numbers_have_bounds),
	    cmocka_unit_test(timestamps_are_coerced),
	    cmocka_unit_test(urls_parse_or_are_refused),
	    cmocka_unit_test(all_errors_are_told_in_the_schemas_order),
	    cmocka_unit_test(of_duplicates_the_last_counts),
	    cmocka_unit_test(unknown_members_are_no_error),
	    cmocka_unit_test(a_batch_is_an_array_of_objects),
	    cmocka_unit_test(elements_stand_for_themselves),
	    cmocka_unit_test(hostile_input_is_bounded),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
