/*
 * The registry: what it takes, and by which line, metric and field it names what is wrong.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "day.h"
#include "place.h"
#include "registry.h"
#include "values.h"

static const char whole[] = "version: 1\n"
			    "metrics:\n"
			    "  directory_view:\n"
			    "    question: How often is a directory looked at?\n"
			    "    description: One for each time the page is shown.\n"
			    "    owner: events team\n"
			    "    subject: event\n"
			    "    review: 2099-01-31\n"
			    "    event_id: integer\n"
			    "    sources: [web, admin]\n"
			    "    public_ingest: true\n"
			    "  delivery:\n"
			    "    question: How do letters go out?\n"
			    "    description: One a letter.\n"
			    "    owner: mail team\n"
			    "    subject: letter\n"
			    "    expires: 2099-12-31\n"
			    "    read: released\n"
			    "    dimensions:\n"
			    "      state: {builtin: us_states}\n"
			    "      method: [email, fax]\n"
			    "      template: {file: templates.txt}\n"
			    "    domain_version: 3\n"
			    "    mechanism: laplace\n"
			    "    epsilon: 0.5\n"
			    "  signup:\n"
			    "    question: Where do people stop?\n"
			    "    description: One a step.\n"
			    "    owner: events team\n"
			    "    subject: form\n"
			    "    review: 2099-01-31\n"
			    "    steps: [start, details, done]\n";

static const char *write_file(const struct place *place, const char *name, const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void test_whole(void **state)
{
	struct place *place = place_open(NULL);
	struct reason why = {""};
	struct registry *registry;
	const struct measure *m;
	const char *step;

	(void)state;
	write_file(place, "templates.txt", "# of letters\nt-1\nt-2\n");
	if (registry_open(&registry, write_file(place, "r.yaml", whole), &why) != ST_OK)
		fail_msg("%s", why.text);
	assert_int_equal(registry_size(registry), 3);
	m = registry_find(registry, "directory_view", &step);
	assert_int_equal(m->event_id, EVENT_ID_INTEGER);
	assert_int_equal(m->sources.n, 2);
	assert_true(m->public_ingest);
	assert_int_equal(m->read, READ_TEAM);
	assert_int_equal(m->domain_version, 1);
	m = registry_find(registry, "delivery", &step);
	assert_int_equal(m->dimensions.n, 3);
	assert_string_equal(m->dimensions.items[2].values.items[2], VALUE_OTHER);
	assert_int_equal(m->domain_version, 3);
	assert_int_equal(m->epsilon, 500000);
	assert_int_equal(m->cells_per_client, 10);
	assert_int_equal(dimension_index(&m->dimensions.items[1], "fax", 3), 1);
	assert_int_equal(dimension_index(&m->dimensions.items[1], "pigeon", 6), 2);
	m = registry_find(registry, "signup.details", &step);
	assert_string_equal(step, "details");
	assert_null(registry_find(registry, "signup", &step)); /* only its steps are counted */
	assert_null(registry_find(registry, "signup.nowhere", &step));
	assert_null(registry_find(registry, "directory_view.x", &step));
	assert_null(registry_find(registry, "direct", &step));
	registry_close(registry);
	place_close(place);
}

/* Whatever is finer than a state is cut to it. */
static void test_states(void **state)
{
	const struct builtin *b = builtin_find("us_states");
	const char *items[80];
	struct dimension d = {"state", {b->values.n + 1, items}, b->coarsen};
	static const char *const ca[] = {"CA", "ca", "US-CA", "us-ca", "CA-12", "CA, Los Angeles"};
	static const char *const none[] = {"", "C", "CAL", "US-", "XX", "12", "California"};

	(void)state;
	memcpy(items, b->values.items, b->values.n * sizeof(*items));
	items[b->values.n] = VALUE_OTHER;
	for (size_t i = 0; i < sizeof(ca) / sizeof(*ca); i++)
		assert_string_equal(items[dimension_index(&d, ca[i], strlen(ca[i]))], "CA");
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_string_equal(items[dimension_index(&d, none[i], strlen(none[i]))],
				    VALUE_OTHER);
	assert_null(builtin_find("planets"));
}

#define HEAD "version: 1\nmetrics:\n  a:\n"
#define GOOD                                                                                       \
	"    question: q\n    description: d\n    owner: o\n    subject: page\n"                   \
	"    review: 2099-01-01\n"

#define NOISY "    mechanism: laplace\n    read: released\n"
#define GAUSSIAN "    epsilon: 1\n    noise: gaussian\n"

static void test_problems(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
	    {"", "no mapping"},
	    {"- a\n", "no mapping"},
	    {"version: 2\nmetrics: {}\n", ":1: version: is not 1"},
	    {"version: 1\n", "metrics: is missing"},
	    {"version: 1\nmetrics: {}\nmore: 1\n", ":3: has a key"},
	    {"metrics: {a: [\n", "no valid YAML"},
	    {HEAD "    question: q\n", "a.owner: is missing"},
	    {HEAD GOOD "    nosuch: 1\n", ":9: a.nosuch: is no field of a metric"},
	    {HEAD GOOD "    owner: p\n", "a.owner: is said twice"},
	    {HEAD GOOD "    event_id: email\n", "a.event_id: is none of none|integer|uuid"},
	    {HEAD GOOD "    public_ingest: maybe\n", "neither true nor false"},
	    {HEAD GOOD "    sources: web\n", "a.sources: is no list"},
	    {HEAD GOOD "    sources: [web, web]\n", "stands twice"},
	    {HEAD GOOD "    expires: 2026-02-30\n", "a.expires: is no date"},
	    {HEAD GOOD "    domain_version: 0\n", "no whole number within"},
	    {HEAD GOOD "    from_change: up\n", "a.from_change: needs from_sql"},
	    {HEAD GOOD "    dimensions: {d: {builtin: planets}}\n", "there are us_states"},
	    {HEAD GOOD "    dimensions: {d: {file: nosuch.txt}}\n", "cannot be read"},
	    {HEAD GOOD "    dimensions: {d: [x]}\n    event_id: uuid\n", "contradicts event_id"},
	    {HEAD GOOD "    dimensions: {d: [x]}\n", "a.mechanism: is needed"},
	    {HEAD GOOD NOISY "", "a.epsilon: is missing"},
	    {HEAD GOOD NOISY "    epsilon: 1.0000001\n", "a.epsilon: is no decimal"},
	    {HEAD GOOD NOISY "    epsilon: 11\n", "a.epsilon: is more than 10"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    client_epsilon: 1\n", "without mechanism: krr"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    read: team\n", "a.read: is said twice"},
	    {HEAD GOOD "    mechanism: laplace\n    epsilon: 1\n", "a.read: is not released"},
	    {HEAD GOOD "    mechanism: krr\n    epsilon: 1\n    read: released\n",
	     "a.client_epsilon: is missing"},
	    {HEAD GOOD
	     "    mechanism: krr\n    epsilon: 1\n    client_epsilon: 2\n    read: released\n"
	     "    dimensions: {s: {builtin: us_states}}\n",
	     "say domain: split"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    domain: split\n", "is split without"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    noise: gaussian\n", "a.delta: is missing"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    delta: 1e-9\n", "without noise: gaussian"},
	    {HEAD GOOD NOISY GAUSSIAN "    delta: 1e-13\n", "a.delta: is no decimal"},
	    {HEAD GOOD NOISY GAUSSIAN "    delta: 0.00001\n", "more than one in a million"},
	    {HEAD GOOD NOISY GAUSSIAN "    delta: 1e-9\n    per_cell: 2\n", "a.per_cell: is 1"},
	    {HEAD GOOD NOISY "    noise: gaussian\n    delta: 1e-9\n    epsilon: 0.09\n",
	     "a.epsilon: is less than 0.1"},
	    {HEAD GOOD "    mechanism: krr\n    client_epsilon: 2\n    read: released\n"
		       "    dimensions: {d: [x]}\n" GAUSSIAN "    delta: 1e-9\n",
	     "a.cells_per_client: is 1 with krr"},
	    {HEAD GOOD "    noise: gaussian\n    delta: 1e-9\n", "a.noise: is said"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    sources: [web]\n", "a.sources: contradicts"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    per_cell: 11\n", "is more than the 100"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    dimensions: {day: [x]}\n", "one called day"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    dimensions: {d: [x], d: [y]}\n", "twice"},
	    {HEAD GOOD NOISY "    epsilon: 1\n    dimensions: {a: [x], b: [x], c: [x], d: [x],"
			     " e: [x], f: [x], g: [x], h: [x], i: [x]}\n",
	     "are more than 8"},
	    {HEAD GOOD "    per_cell: 2\n", "a.per_cell: is said, and no mechanism"},
	    {HEAD GOOD "    cells_per_client: 2\n", "a.cells_per_client: is said"},
	    {HEAD GOOD "    domain_version: 2\n", "a.domain_version: is said"},
	    {HEAD GOOD
	     "    mechanism: krr\n    epsilon: 1\n    client_epsilon: 2\n    read: released\n"
	     "    domain: split\n    dimensions: {d: [x]}\n",
	     "split over a single"},
	    {"version: 1\nmetrics:\n  Bad-Name:\n", "a name is not"},
	    {HEAD "    subject: users\n", "a.subject: is a person"},
	    {HEAD "    subject: person\n", "a.subject: is a person"},
	    {HEAD "    question: q\n    description: d\n    owner: o\n    subject: page\n",
	     "neither review nor expires"},
	};
	struct place *place = place_open(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *path = write_file(place, "r.yaml", rows[i].text);
		struct reason why = {""};
		struct registry *registry;
		struct buf out;
		size_t n = 0;
		assert_int_equal(registry_open(&registry, path, &why), ST_CONFIG);
		assert_null(registry);
		buf_init(&out, 1 << 16);
		if (registry_lint(path, 0, &out, &n, &why) == ST_OK)
			assert_true(n > 0);
		else
			buf_adds(&out, why.text);
		if (!out.data || !strstr(out.data, rows[i].told))
			fail_msg("\"%s\" is not told but: %s", rows[i].told, out.data);
		buf_free(&out);
	}
	place_close(place);
}

/* An expired metric is no reason not to start; lint fails on it. */
static void test_expired(void **state)
{
	struct place *place = place_open(NULL);
	const char *path = write_file(place, "r.yaml", HEAD GOOD "    expires: 2026-11-20\n");
	struct reason why = {""};
	struct registry *registry;
	struct buf out;
	int32_t day;
	size_t n;

	(void)state;
	assert_int_equal(registry_open(&registry, path, &why), ST_OK);
	registry_close(registry);
	buf_init(&out, 1 << 16);
	assert_int_equal(day_parse(&day, "2026-11-19", 10), ST_OK);
	assert_int_equal(registry_lint(path, day, &out, &n, &why), ST_OK);
	assert_int_equal(n, 0);
	assert_int_equal(registry_lint(path, day + 1, &out, &n, &why), ST_OK);
	assert_int_equal(n, 1);
	assert_non_null(strstr(out.data, "a.expires: is over"));
	buf_free(&out);
	assert_int_equal(registry_open(&registry, "/nowhere/r.yaml", &why), ST_NOT_FOUND);
	place_close(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_problems),
	    cmocka_unit_test(test_expired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
