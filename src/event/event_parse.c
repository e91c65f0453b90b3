/*
 * event_parse - Umami's schema: which payloads are taken, and what is said of others.
 *
 * As in zod 4, every field is looked at and all errors are told. That there is one
 * source only is checked last, and not where a field had the wrong type, because
 * zod then gives the object up; a text that is too long does not count as that.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "page_view.h"
#include "payload.h"
#include "url.h"
#include "uuid.h"

enum check { CHECK_UUID, CHECK_RECORD, CHECK_STRING, CHECK_URL, CHECK_EPOCH, CHECK_NUMBER };

enum expected { EXPECT_OBJECT, EXPECT_ARRAY, EXPECT_STRING, EXPECT_NUMBER, EXPECT_RECORD };

/* By enum expected. */
#define RECEIVED(name)                                                                             \
	{                                                                                          \
		"Invalid input: expected object, received " name,                                  \
		    "Invalid input: expected array, received " name,                               \
		    "Invalid input: expected string, received " name,                              \
		    "Invalid input: expected number, received " name,                              \
		    "Invalid input: expected record, received " name,                              \
	}

/* By enum json_type. */
static const char *const wrong_type[JSON_TYPES][5] = {
    RECEIVED("undefined"), RECEIVED("null"),  RECEIVED("boolean"), RECEIVED("number"),
    RECEIVED("string"),	   RECEIVED("array"), RECEIVED("object"),
};

struct field_rule {
	const char *name;
	const char *place;
	enum check check;
	double most;
	const char *too_long;
	const char *too_big;
};

static const struct field_rule rules[FIELDS] = {
#define FIELD(id, name, check, most, use, keep)                                                    \
	{name,                                                                                     \
	 "payload." name,                                                                          \
	 CHECK_##check,                                                                            \
	 most,                                                                                     \
	 "Too big: expected string to have <=" #most " characters",                                \
	 "Too big: expected number to be <=" #most},
#include "field.def"
#undef FIELD
};

/* What has been found wrong so far. */
struct finding {
	struct problem *problem;
	bool aborted;
};

static enum json_type type_of(const struct json *value)
{
	return value ? value->type : JSON_UNDEFINED;
}

static void add_type(struct finding *finding, const char *place, enum expected expected,
		     enum json_type received)
{
	problem_add(finding->problem, place, wrong_type[received][expected]);
	finding->aborted = true;
}

/* RFC 9562: versions 1 to 8 of the common variant, nil and max. */
static bool is_uuid(const struct json *value)
{
	const char *p = value->text;

	if (value->len != UUID_BYTES)
		return false;
	if (!uuid_is(p, 0x20))
		return false;
	if (p[14] >= '1' && p[14] <= '8' && strchr("89abAB", p[19]))
		return true;
	return json_is(value, "00000000-0000-0000-0000-000000000000") ||
	       json_is(value, "ffffffff-ffff-ffff-ffff-ffffffffffff");
}

static void check_string(struct finding *finding, const struct field_rule *rule,
			 const struct json *value)
{
	struct text text = {value->text, value->len};

	if (value->type != JSON_STRING) {
		add_type(finding, rule->place, EXPECT_STRING, value->type);
		return;
	}
	if (rule->check == CHECK_UUID && !is_uuid(value))
		problem_add(finding->problem, rule->place, "Invalid UUID");
	else if (rule->check == CHECK_URL && !url_is_valid(text))
		problem_add(finding->problem, rule->place, "Invalid URL.");
	else if (rule->most > 0 && text.len > (size_t)rule->most &&
		 text_length(text, TEXT_UTF16) > (size_t)rule->most)
		problem_add(finding->problem, rule->place, rule->too_long);
}

static void check_number(struct finding *finding, const struct field_rule *rule,
			 const struct json *value)
{
	double number;

	if (value->type != JSON_NUMBER) {
		add_type(finding, rule->place, EXPECT_NUMBER, value->type);
		return;
	}
	number = number_read(value->text, value->len);
	if (isinf(number))
		add_type(finding, rule->place, EXPECT_NUMBER, JSON_NUMBER);
	else if (number < 0)
		problem_add(finding->problem, rule->place, "Too small: expected number to be >=0");
	else if (number > rule->most)
		problem_add(finding->problem, rule->place, rule->too_big);
}

/* Number(array) goes by way of its text: that of its only element, or "". */
static double array_number(const struct json *value)
{
	while (value->type == JSON_ARRAY && value->len == 1)
		value = value->child;
	switch (value->type) {
	case JSON_ARRAY:
		return value->len ? (double)NAN : 0;
	case JSON_NULL:
		return 0;
	case JSON_NUMBER:
		return number_read(value->text, value->len);
	case JSON_STRING:
		return number_coerce(value->text, value->len);
	default:
		return (double)NAN;
	}
}

double event_epoch(const struct json *value)
{
	switch (value->type) {
	case JSON_BOOLEAN:
		return value->text[0] == 't';
	case JSON_OBJECT:
		return (double)NAN;
	default:
		return array_number(value);
	}
}

static void check_epoch(struct finding *finding, const struct field_rule *rule,
			const struct json *value)
{
	static const double safe = 9007199254740991;
	double number = event_epoch(value);

	if (isnan(number)) {
		problem_add(finding->problem, rule->place,
			    "Invalid input: expected number, received NaN");
		finding->aborted = true;
	} else if (isinf(number)) {
		add_type(finding, rule->place, EXPECT_NUMBER, JSON_NUMBER);
	} else if (number != trunc(number)) {
		problem_add(finding->problem, rule->place,
			    "Invalid input: expected int, received number");
		finding->aborted = true;
	} else if (number > safe) {
		problem_add(finding->problem, rule->place,
			    "Too big: expected int to be <=9007199254740991");
	} else if (number < -safe) {
		problem_add(finding->problem, rule->place,
			    "Too small: expected int to be >=-9007199254740991");
	}
}

static void check_field(struct finding *finding, enum field field, const struct json *value)
{
	const struct field_rule *rule = &rules[field];

	switch (rule->check) {
	case CHECK_UUID:
	case CHECK_STRING:
	case CHECK_URL:
		check_string(finding, rule, value);
		break;
	case CHECK_RECORD:
		if (value->type != JSON_OBJECT)
			add_type(finding, rule->place, EXPECT_RECORD, value->type);
		break;
	case CHECK_NUMBER:
		check_number(finding, rule, value);
		break;
	case CHECK_EPOCH:
		check_epoch(finding, rule, value);
		break;
	}
}

/* Nearly all names fall by their length, and all of those lie in one line of memory. */
static const unsigned char name_lengths[FIELDS] = {
#define FIELD(id, name, check, most, use, keep) sizeof(name) - 1,
#include "field.def"
#undef FIELD
};

static void take_field(struct event *event, const struct json *member)
{
	for (int i = 0; i < FIELDS; i++) {
		if (member->key_len != name_lengths[i] || member->key[0] != *rules[i].name ||
		    memcmp(member->key, rules[i].name, member->key_len) != 0)
			continue;
		event->fields[i] = member;
		return;
	}
}

/* The one of website, link and pixel that is there; an empty string is not. */
static void check_source(struct event *event, struct finding *finding)
{
	int n = 0;

	for (int i = FIELD_WEBSITE; i <= FIELD_PIXEL; i++) {
		const struct json *value = event->fields[i];

		if (!value || value->type != JSON_STRING || value->len == 0)
			continue;
		n++;
		event->source_field = (enum field)i;
		if (value->len != UUID_BYTES)
			continue; /* told of already */
		memcpy(event->source, value->text, UUID_BYTES);
		for (size_t k = 0; k < UUID_BYTES; k++)
			event->source[k] |= 0x20; /* what is no letter has that bit set */
	}
	if (n != 1 && !finding->aborted)
		problem_add(finding->problem, rules[FIELD_WEBSITE].place,
			    "Exactly one of website, link, or pixel must be provided");
}

static bool stand_in(struct event *event, struct arena *arena, enum field field, const char *text)
{
	struct json *value;

	if (event->fields[field] || !text)
		return true;
	value = arena_zalloc(arena, sizeof(*value));
	if (!value)
		return false;
	value->type = JSON_STRING;
	value->text = text;
	value->len = (uint32_t)strlen(text);
	event->fields[field] = value;
	return true;
}

static bool fill_in(struct event *event, struct arena *arena, const struct event_own *own)
{
	bool sourceless = !event->fields[FIELD_LINK] && !event->fields[FIELD_PIXEL];

	return stand_in(event, arena, FIELD_WEBSITE, sourceless ? own->website : NULL) &&
	       stand_in(event, arena, FIELD_HOSTNAME, own->hostname) &&
	       stand_in(event, arena, FIELD_URL, own->url);
}

static void take_payload(struct event *event, struct finding *finding, const struct json *payload)
{
	if (type_of(payload) != JSON_OBJECT) {
		add_type(finding, "payload", EXPECT_OBJECT, type_of(payload));
		return;
	}
	for (const struct json *member = payload->child; member; member = member->next)
		if (member->key_len > 0)
			take_field(event, member);
}

static void check_payload(struct event *event, struct finding *finding)
{
	for (int i = 0; i < FIELDS; i++)
		if (event->fields[i])
			check_field(finding, (enum field)i, event->fields[i]);
	check_source(event, finding);
}

static void check_type(struct event *event, struct finding *finding, const struct json *type)
{
	static const char *const names[CLEAN_TYPES] = {"event", "identify", "performance"};

	for (int i = 0; i < CLEAN_TYPES; i++) {
		if (json_is(type, names[i])) {
			event->type = (enum clean_type)i;
			return;
		}
	}
	problem_add(finding->problem, "type",
		    "Invalid option: expected one of \"event\"|\"identify\"|\"performance\"");
}

/* value NULL stands for a body that is no JSON. */
static enum status read_event(struct event **out, struct arena *arena, const struct json *value,
			      const struct event_own *own, struct problem *problem)
{
	struct finding finding = {.problem = problem};
	struct event *event = arena_zalloc(arena, sizeof(*event));

	if (!event)
		return ST_NO_MEMORY;
	problem->n = 0;
	if (type_of(value) != JSON_OBJECT) {
		add_type(&finding, "", EXPECT_OBJECT, type_of(value));
		return ST_INVALID;
	}
	check_type(event, &finding, json_member(value, "type"));
	take_payload(event, &finding, json_member(value, "payload"));
	if (own && !fill_in(event, arena, own))
		return ST_NO_MEMORY;
	if (!finding.aborted)
		check_payload(event, &finding);
	if (problem->n)
		return ST_INVALID;
	*out = event;
	return ST_OK;
}

static enum status view_event(struct event **out, struct arena *arena, const struct event_own *own,
			      struct problem *problem)
{
	struct finding finding = {.problem = problem};
	struct event *event = arena_zalloc(arena, sizeof(*event));

	if (!event || !page_view_fill(event, arena, own->view) || !fill_in(event, arena, own))
		return ST_NO_MEMORY;
	event->type = CLEAN_EVENT;
	check_payload(event, &finding);
	if (problem->n)
		return ST_INVALID;
	*out = event;
	return ST_OK;
}

enum status event_parse_own(struct event **out, struct arena *arena, const char *json, size_t len,
			    const struct event_own *own, struct problem *problem)
{
	const struct json *value = NULL;
	enum status status;

	problem->n = 0;
	if (own && own->view)
		return view_event(out, arena, own, problem);
	status = json_read(&value, arena, json, len);
	if (status != ST_OK && status != ST_INVALID)
		return status;
	return read_event(out, arena, value, own, problem);
}

enum status event_parse(struct event **out, struct arena *arena, const char *json, size_t len,
			struct problem *problem)
{
	return event_parse_own(out, arena, json, len, NULL, problem);
}

/* Every element must be an object, or the whole is refused. */
static enum status check_elements(const struct json *batch, struct arena *arena,
				  struct problem *problem)
{
	size_t i = 0;

	for (const struct json *value = batch->child; value; value = value->next, i++) {
		char place[24];
		char *copy;

		if (value->type == JSON_OBJECT || problem->n == PROBLEM_ITEMS_MAX)
			continue;
		snprintf(place, sizeof(place), "[%zu]", i);
		copy = arena_copy(arena, place, strlen(place));
		if (!copy)
			return ST_NO_MEMORY;
		problem_add(problem, copy, wrong_type[value->type][EXPECT_RECORD]);
	}
	return problem->n ? ST_INVALID : ST_OK;
}

static enum status read_elements(struct event **events, struct problem **problems,
				 const struct json *batch, struct arena *arena)
{
	struct problem problem;
	enum status status;
	size_t i = 0;

	for (const struct json *value = batch->child; value; value = value->next, i++) {
		status = read_event(&events[i], arena, value, NULL, &problem);
		if (status == ST_OK)
			continue;
		if (status != ST_INVALID)
			return status;
		problems[i] = arena_alloc(arena, sizeof(problem));
		if (!problems[i])
			return ST_NO_MEMORY;
		*problems[i] = problem;
	}
	return ST_OK;
}

enum status event_parse_batch(struct event ***events, struct problem ***problems, size_t *n,
			      size_t max, struct arena *arena, const char *json, size_t len,
			      struct problem *problem)
{
	const struct json *batch = NULL;
	enum status status = json_read(&batch, arena, json, len);

	problem->n = 0;
	if (status != ST_OK && status != ST_INVALID)
		return status;
	if (type_of(batch) != JSON_ARRAY) {
		problem_add(problem, "", wrong_type[type_of(batch)][EXPECT_ARRAY]);
		return ST_INVALID;
	}
	if (batch->len > max)
		return ST_TOO_LARGE;
	status = check_elements(batch, arena, problem);
	if (status != ST_OK)
		return status;
	*n = batch->len;
	*events = arena_zalloc(arena, (*n + 1) * sizeof(**events));
	*problems = arena_zalloc(arena, (*n + 1) * sizeof(**problems));
	if (!*events || !*problems)
		return ST_NO_MEMORY;
	return read_elements(*events, *problems, batch, arena);
}

const char *event_website(const struct event *event)
{
	return event->source_field == FIELD_WEBSITE ? event->source : NULL;
}
