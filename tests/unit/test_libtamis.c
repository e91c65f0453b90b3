/*
 * The public C API: what it says of an event, what stands in, settings, metrics, errors.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "unit.h"

#include "libtamis.h"
#include "place.h"

#define AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define SEND(tamis, json, visitor, why)                                                            \
	tamis_send(tamis, json, strlen(json), visitor, why, sizeof why)

struct started {
	struct place *place;
	struct tamis *tamis;
};

/* settings: up to four more, NULL for none. */
static struct started started(const char *const settings[4])
{
	struct started started = {.place = place_open(NULL)};
	char state[96], keys[96], why[256] = "";
	const char *all[8] = {state, keys};
	struct tamis_options options = {.size = sizeof options,
					.app_name = "shop",
					.config_path = "/dev/null",
					.settings = all};

	snprintf(state, sizeof state, "state.dir=%s/state", started.place->dir);
	snprintf(keys, sizeof keys, "identity.key_dir=%s", started.place->keys);
	for (size_t i = 0; settings && i < 4 && settings[i]; i++)
		all[2 + i] = settings[i];
	if (tamis_start(&started.tamis, &options, why, sizeof why) != 0)
		fail_msg("%s", why);
	assert_string_equal(why, "");
	return started;
}

static void ended(struct started *started)
{
	assert_int_equal(tamis_stop(started->tamis), 0);
	place_close(started->place);
}

static const char *const ours[4] = {"umami.website_id=" PLACE_WEBSITE};

/* A counter's value in the text of tamis_metrics(). */
static long metric(struct tamis *tamis, const char *name)
{
	int size = tamis_metrics(tamis, NULL, 0);
	char *text = malloc((size_t)size + 1), *at;
	long value = -1;

	assert_true(size > 0);
	assert_int_equal(tamis_metrics(tamis, text, (size_t)size), size);
	assert_string_equal(text, ""); /* the NUL has no room: nothing is half there */
	assert_int_equal(tamis_metrics(tamis, text, (size_t)size + 1), size);
	at = strstr(text, name);
	if (at)
		value = strtol(at + strlen(name), NULL, 10);
	free(text);
	return value;
}

static void test_kinds(void **state)
{
	static const struct {
		const char *json;
		struct tamis_visitor visitor;
		int result;
		const char *why;
	} cases[] = {
	    {"{\"type\":\"event\",\"payload\":{\"name\":\"signup\"}}", {0}, TAMIS_KEPT, ""},
	    {"{\"type\":\"event\",\"payload\":{}}",
	     {.user_agent = "curl/8"},
	     TAMIS_NOT_KEPT,
	     "a bot"},
	    {"{\"type\":\"event\",\"payload\":{}}",
	     {.do_not_track = 1},
	     TAMIS_NOT_KEPT,
	     "switched off, or the visitor asks not to be tracked"},
	    {"{\"type\":\"event\",\"payload\":{\"website\":\"00000000-0000-4000-8000-"
	     "000000000000\"}}",
	     {0},
	     TAMIS_EINVALID,
	     "payload.website: not one of umami.websites"},
	    {"{\"type\":\"event\",\"payload\":{\"name\":\"joe@example.com joe@example.com "
	     "joe@example.com joe@example.com\"}}",
	     {0},
	     TAMIS_EINVALID,
	     "payload.name: Too big: expected string to have <=50 characters"},
	    {"joe@example.com",
	     {0},
	     TAMIS_EINVALID,
	     "Invalid input: expected object, received undefined"},
	};
	struct started s = started(ours);
	char why[256] = "x";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tamis_visitor visitor = cases[i].visitor;

		visitor.size = sizeof visitor;
		assert_int_equal(SEND(s.tamis, cases[i].json, &visitor, why), cases[i].result);
		assert_string_equal(why, cases[i].why);
	}
	assert_int_equal(SEND(s.tamis, cases[0].json, NULL, why), TAMIS_KEPT);
	assert_int_equal(metric(s.tamis, "\ntamis_events_accepted_total "), 2);
	ended(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
