/*
 * The gateway: what is kept, refused and counted; an event that a dead process left on the
 * spool uncounted is counted by the next.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unit.h"

#include "event.h"
#include "gateway.h"
#include "place.h"
#include "spool.h"
#include "state.h"
#include "strainer.h"

#define WEBSITE_2 "0d3c8b5e-11aa-4c9e-9d53-6f6a5a1e9d3b"
#define EVENT(website)                                                                             \
	"{\"type\":\"event\",\"payload\":{\"website\":\"" website "\",\"url\":\"/a\"}}"

static struct gateway *opened(const struct place *place)
{
	struct gateway *gateway;
	struct reason why = {""};

	if (gateway_open(&gateway, place->config, &why) != ST_OK)
		fail_msg("%s", why.text);
	return gateway;
}

static struct verdicts submit(struct gateway_worker *worker, const char *body, bool batch)
{
	struct submission submission = {
	    .body = body, .len = strlen(body), .address = "127.0.0.1", .batch = batch};
	struct verdicts verdicts;

	gateway_accept(worker, &submission, &verdicts);
	return verdicts;
}

static enum fate fate_of(struct gateway_worker *worker, const char *body)
{
	return submit(worker, body, false).whole.fate;
}

static void test_websites(void **state)
{
	const char *const listed[4] = {"--umami.websites=0D3C8B5E-11AA-4C9E-9D53-6F6A5A1E9D3B"};
	struct place *place = place_open(listed), *any = place_open(NULL);
	struct gateway *gateway = opened(place), *ring = opened(any);
	struct gateway_worker *worker;

	(void)state;
	assert_int_equal(gateway_worker_new(&worker, gateway), ST_OK);
	assert_int_equal(fate_of(worker, EVENT(WEBSITE_2)), FATE_ACCEPTED);
	assert_int_equal(fate_of(worker, EVENT(PLACE_WEBSITE)), FATE_WEBSITE);
	assert_int_equal(
	    fate_of(worker, "{\"type\":\"event\",\"payload\":{\"link\":\"" WEBSITE_2 "\"}}"),
	    FATE_ACCEPTED);
	gateway_worker_free(worker);
	assert_int_equal(gateway_worker_new(&worker, ring), ST_OK);
	assert_int_equal(fate_of(worker, EVENT(PLACE_WEBSITE)), FATE_ACCEPTED);
	gateway_worker_free(worker);
	gateway_close(gateway);
	gateway_close(ring);
	place_close(place);
	place_close(any);
}

static void test_do_not_track(void **state)
{
	const char *const deaf[4] = {"--privacy.honor_dnt=false"};
	struct place *places[2] = {place_open(NULL), place_open(deaf)};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct gateway *gateway = opened(places[i]);
		struct submission submission = {.body = EVENT(PLACE_WEBSITE), .do_not_track = true};
		struct gateway_worker *worker;
		struct verdicts verdicts;

		submission.len = strlen(submission.body);
		assert_int_equal(gateway_worker_new(&worker, gateway), ST_OK);
		gateway_accept(worker, &submission, &verdicts);
		assert_int_equal(verdicts.whole.fate, i == 0 ? FATE_DISABLED : FATE_ACCEPTED);
		assert_int_equal(counters_get(gateway_counters(gateway), METRIC_REFUSED_DNT),
				 i == 0);
		gateway_forget(worker);
		gateway_worker_free(worker);
		gateway_close(gateway);
		place_close(places[i]);
	}
}

/* Users of one group write to one state directory, and cannot remove each other's. */
static void test_modes(void **state)
{
	struct place *place = place_open(NULL);
	struct gateway *gateway;
	struct stat about;
	char path[96];
	mode_t mask = umask(077);

	(void)state;
	gateway = opened(place);
	umask(mask);
	snprintf(path, sizeof path, "%s/state", place->dir);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 03770);
	snprintf(path, sizeof path, "%s/state/spool", place->dir);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 03770);
	snprintf(path, sizeof path, "%s/state/counters", place->dir);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0660);
	gateway_close(gateway);
	place_close(place);
}

static void test_full(void **state)
{
	const char *const small[4] = {"--umami.website_id=" PLACE_WEBSITE,
				      "--spool.max_bytes=4194304", "--spool.segment_bytes=1048576"};
	struct place *place = place_open(small);
	struct gateway *gateway = opened(place);
	struct gateway_worker *worker;
	uint64_t accepted = 0;

	(void)state;
	assert_int_equal(gateway_worker_new(&worker, gateway), ST_OK);
	assert_int_equal(gateway_ready(gateway), ST_OK);
	while (fate_of(worker, EVENT(PLACE_WEBSITE)) == FATE_ACCEPTED)
		accepted++;
	assert_true(accepted > 1000);
	assert_int_equal(gateway_ready(gateway), ST_FULL);
	assert_int_equal(counters_get(gateway_counters(gateway), METRIC_ACCEPTED), accepted);
	assert_int_equal(counters_get(gateway_counters(gateway), METRIC_REFUSED_FULL), 1);
	assert_int_equal(counters_get(gateway_counters(gateway), METRIC_RECEIVED), accepted + 1);
	assert_true(counters_get(gateway_counters(gateway), METRIC_SPOOL_BYTES) > 3 << 20);
	gateway_worker_free(worker);
	gateway_close(gateway);
	place_close(place);
}

static void test_ring(void **state)
{
	const char *const small[4] = {"--spool.max_bytes=4194304", "--spool.segment_bytes=1048576"};
	struct place *place = place_open(small);
	struct gateway *gateway = opened(place);
	struct gateway_worker *worker;
	const struct counters *counters = gateway_counters(gateway);

	(void)state;
	assert_int_equal(gateway_worker_new(&worker, gateway), ST_OK);
	while (counters_get(counters, METRIC_RING_DROPPED) == 0)
		assert_int_equal(fate_of(worker, EVENT(PLACE_WEBSITE)), FATE_ACCEPTED);
	assert_true(counters_get(counters, METRIC_RING_DROPPED) <
		    counters_get(counters, METRIC_ACCEPTED));
	gateway_worker_free(worker);
	gateway_close(gateway);
	place_close(place);
}

/* On the spool under a lane's stamp, and then gone before counters_accept(). */
static void die_uncounted(const struct place *place)
{
	struct spool_options options = {.max_bytes = 4 << 20, .segment_bytes = 1 << 20};
	static const char json[] = EVENT(PLACE_WEBSITE);
	struct sender sender = {.received_us = INT64_C(1700000000000000)};
	struct problem problem = {0};
	struct strainer_rules *rules;
	struct strainer *strainer;
	struct counters *counters;
	struct counter_lane *lane;
	struct spool *spool;
	struct event *event;
	struct clean *clean;
	struct stamp stamp;
	struct arena *arena = arena_new(1 << 20);
	char dir[STATE_PATH_BYTES];

	state_path(dir, place->config, STATE_SPOOL);
	options.dir = dir;
	if (counters_open(&counters, place->config, NULL) || counters_lane(&lane, counters) ||
	    spool_open(&spool, &options, NULL) ||
	    strainer_rules_new(&rules, place->config, 0, NULL) || strainer_new(&strainer, rules) ||
	    event_parse(&event, arena, json, strlen(json), &problem) ||
	    event_sanitize(&clean, arena, strainer, event, &sender))
		_exit(1);
	stamp = counters_stamp(lane);
	_exit(spool_append(spool, clean, &stamp) == ST_OK ? 0 : 2);
}

static void test_orphan(void **state)
{
	struct place *place = place_open(NULL);
	struct gateway *gateway;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		die_uncounted(place);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 2; i++) {
		gateway = opened(place);
		assert_int_equal(counters_get(gateway_counters(gateway), METRIC_ACCEPTED), 1);
		gateway_close(gateway);
	}
	place_close(place);
}

static void test_batch(void **state)
{
	struct place *place = place_open(NULL);
	struct gateway *gateway = opened(place);
	struct gateway_worker *worker;
	struct verdicts verdicts;

	(void)state;
	assert_int_equal(gateway_worker_new(&worker, gateway), ST_OK);
	verdicts = submit(worker, "[" EVENT(WEBSITE_2) ",{\"type\":\"x\"}," EVENT("abc") "]", true);
	assert_int_equal(verdicts.whole.fate, FATE_ACCEPTED);
	assert_int_equal(verdicts.n, 3);
	assert_int_equal(verdicts.items[0].fate, FATE_ACCEPTED);
	assert_int_equal(verdicts.items[1].fate, FATE_INVALID);
	assert_int_equal(verdicts.items[2].fate, FATE_INVALID);
	assert_string_equal(verdicts.items[2].problem->items[0].place, "payload.website");
	verdicts = submit(worker, "{}", true);
	assert_int_equal(verdicts.whole.fate, FATE_INVALID);
	assert_int_equal(verdicts.n, 0);
	assert_int_equal(counters_get(gateway_counters(gateway), METRIC_RECEIVED), 4);
	gateway_worker_free(worker);
	gateway_close(gateway);
	place_close(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_websites), cmocka_unit_test(test_do_not_track),
	    cmocka_unit_test(test_modes),    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_ring),     cmocka_unit_test(test_orphan),
	    cmocka_unit_test(test_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
