/*
 * Every recorded request to /api/send and /api/batch gets the verdict that Umami gave,
 * the tree of errors included; what Umami breaks on (500) is taken.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot.h"
#include "payload.h"

#define LINE_MAX_BYTES (1u << 20)

static struct arena *recording, *arena;

static struct text string_of(const struct json *value)
{
	return value && value->type == JSON_STRING ? (struct text){value->text, value->len}
						   : (struct text){NULL, 0};
}

static const struct json *at(const struct json *value, const char *name)
{
	return value && value->type == JSON_OBJECT ? json_member(value, name) : NULL;
}

static int has_item(const struct problem *problem, const char *place, struct text message)
{
	for (size_t i = 0; i < problem->n; i++)
		if (strcmp(problem->items[i].place, place) == 0 &&
		    text_is(message, problem->items[i].message))
			return 1;
	return 0;
}

/* Every error of the recorded tree is in problem; returns how many there are. */
static size_t check_tree(const struct json *node, const char *place, const struct problem *problem)
{
	const struct json *errors = at(node, "errors"), *members = at(node, "properties");
	size_t n = 0;
	char deeper[256];

	for (const struct json *error = errors ? errors->child : NULL; error;
	     error = error->next, n++)
		if (!has_item(problem, place, string_of(error)))
			fail_msg("missing: %s: %.*s", place, (int)error->len, error->text);
	for (const struct json *m = members ? members->child : NULL; m; m = m->next) {
		snprintf(deeper, sizeof(deeper), "%s%s%.*s", place, *place ? "." : "",
			 (int)m->key_len, m->key);
		n += check_tree(m, deeper, problem);
	}
	return n;
}

static int is_unknown_website(const struct json *error)
{
	return json_is(at(error, "message"), "Website not found.");
}

static void check_error(const struct json *error, const struct problem *problem)
{
	assert_non_null(problem);
	assert_int_equal(check_tree(error, "", problem), problem->n);
}

static void check_single(struct text body, const struct sender *sender, int status,
			 const struct json *answer)
{
	struct problem problem;
	struct event *event;
	enum status got = event_parse(&event, arena, body.data, body.len, &problem);

	if (status == 400 && !is_unknown_website(at(answer, "error"))) {
		assert_int_equal(got, ST_INVALID);
		check_error(at(answer, "error"), &problem);
		return;
	}
	assert_int_equal(got, ST_OK);
	if (status == 200)
		assert_int_equal(bot_is(event_agent(event, sender)), at(answer, "beep") != NULL);
}

static const struct json *detail_of(const struct json *answer, size_t index)
{
	const struct json *details = at(answer, "details");
	char number[24];

	snprintf(number, sizeof(number), "%zu", index);
	if (!details || details->type != JSON_ARRAY)
		return NULL;
	for (const struct json *detail = details->child; detail; detail = detail->next) {
		const struct json *where = at(detail, "index");

		if (where->len == strlen(number) && memcmp(where->text, number, where->len) == 0)
			return at(at(detail, "response"), "error");
	}
	return NULL;
}

static void check_batch(struct text body, int status, const struct json *answer)
{
	struct problem problem, **problems;
	struct event **events;
	size_t n;
	enum status got =
	    event_parse_batch(&events, &problems, &n, 1000, arena, body.data, body.len, &problem);

	if (status == 400) {
		assert_int_equal(got, ST_INVALID);
		check_error(at(answer, "error"), &problem);
		return;
	}
	assert_int_equal(got, ST_OK);
	for (size_t i = 0; i < n; i++) {
		const struct json *error = detail_of(answer, i);

		if (error && !is_unknown_website(error))
			check_error(error, problems[i]);
		else
			assert_non_null(events[i]);
	}
}

static int check_line(const char *line, size_t len)
{
	const struct json *exchange, *request, *response;
	struct text path, body, agent;
	struct sender sender = {0};
	int status;

	assert_int_equal(json_read(&exchange, recording, line, len), ST_OK);
	request = at(exchange, "request");
	response = at(exchange, "response");
	path = string_of(at(request, "path"));
	if (!json_is(at(request, "method"), "POST"))
		return 0;
	body = string_of(at(request, "body"));
	if (!body.data)
		body = TEXT("");
	agent = string_of(at(at(request, "headers"), "User-Agent"));
	sender.user_agent = agent.data ? arena_copy(recording, agent.data, agent.len) : NULL;
	status = (int)strtol(at(response, "status")->text, NULL, 10);
	print_message("# %.*s\n", (int)string_of(at(exchange, "name")).len,
		      at(exchange, "name")->text);
	if (text_is(path, "/api/batch"))
		check_batch(body, status, at(response, "body"));
	else if (text_is(path, "/api/send") || text_is(path, "/api/send?x=1"))
		check_single(body, &sender, status, at(response, "body"));
	else
		return 0;
	return 1;
}

static void recorded_verdicts(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[4096], *line = malloc(LINE_MAX_BYTES);
	int checked = 0;
	FILE *file;

	(void)state;
	assert_non_null(line);
	snprintf(path, sizeof(path), "%s/tests/data/umami-contract.jsonl", top ? top : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, LINE_MAX_BYTES, file)) {
		arena_reset(recording);
		arena_reset(arena);
		checked += check_line(line, strlen(line));
	}
	fclose(file);
	free(line);
	assert_true(checked > 90);
}

static int setup(void **state)
{
	(void)state;
	recording = arena_new(16u << 20);
	arena = arena_new(16u << 20);
	return recording && arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(recording);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recorded_verdicts),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
