/*
 * Counters: what is added is what is read and printed, lanes outlive their owners, an
 * event given a stamp and not counted is counted once, later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "counters.h"
#include "lanes.h"
#include "served.h"
#include "stub_clean.h"

struct place {
	char dir[64];
	char file[80];
	struct config config;
};

static int set_up_in(void **state, const char *dir)
{
	struct place *place = calloc(1, sizeof *place);

	(void)snprintf(place->dir, sizeof place->dir, "%s/test_counters.XXXXXX", dir);
	if (!mkdtemp(place->dir))
		return -1;
	snprintf(place->file, sizeof place->file, "%s/counters", place->dir);
	place->config.state_dir = place->dir;
	place->config.counters_max_routes = 8;
	*state = place;
	return 0;
}

static int set_up(void **state)
{
	return set_up_in(state, "/tmp");
}

static int set_up_in_memory(void **state)
{
	return set_up_in(state, "/dev/shm");
}

static int tear_down(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	rmdir(place->dir);
	free(place);
	return 0;
}

static struct counters *opened(const struct place *place)
{
	struct counters *counters;
	struct reason why = {""};

	if (counters_open(&counters, &place->config, &why) != ST_OK)
		fail_msg("%s", why.text);
	return counters;
}

static struct counter_lane *laned(struct counters *counters)
{
	struct counter_lane *lane;

	assert_int_equal(counters_lane(&lane, counters), ST_OK);
	return lane;
}

static void test_add(void **state)
{
	struct counters *counters = opened(*state), *again;
	struct counter_lane *one = laned(counters), *two = laned(counters);
	struct place *place = *state;
	struct stat about;

	counters_add(one, METRIC_RECEIVED, 3);
	counters_add(two, METRIC_RECEIVED, 4);
	counters_set(counters, METRIC_SPOOL_BYTES, 9);
	assert_int_equal(counters_get(counters, METRIC_RECEIVED), 7);
	counters_lane_end(one);
	counters_lane_end(two);
	again = opened(*state);
	one = laned(again);
	counters_add(one, METRIC_RECEIVED, 1);
	assert_int_equal(counters_get(counters, METRIC_RECEIVED), 8);
	assert_int_equal(counters_get(again, METRIC_SPOOL_BYTES), 9);
	counters_lane_end(one);
	counters_close(counters);
	counters_close(again);
	assert_int_equal(stat(place->file, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0660);
}

static const struct clean view = {
    .view = 1, .route = "/a", .redactions = {[3] = 2}, .repairs = {[1] = 1}};

static void test_accept(void **state)
{
	struct counters *counters = opened(*state);
	struct counter_lane *lane = laned(counters);
	struct stamp first = counters_stamp(lane), second;

	counters_accept(lane, &view);
	second = counters_stamp(lane);
	assert_int_equal(second.seq, first.seq + 1);
	assert_int_equal(second.lane, first.lane);
	assert_int_equal(second.epoch, first.epoch);
	assert_int_equal(counters_get(counters, METRIC_ACCEPTED), 1);
	assert_int_equal(lanes_sum(counters_map(counters), LANE_CLASSES + 3), 2);
	assert_int_equal(lanes_sum(counters_map(counters), LANE_REPAIRS + 1), 1);
	assert_int_equal(lanes_sum(counters_map(counters), LANE_TYPES + CLEAN_EVENT), 1);
	counters_lane_end(lane);
	counters_close(counters);
}

/* The owner goes with a stamp given: only the spool can tell whether it happened. */
static void test_recount(void **state)
{
	struct counters *counters = opened(*state), *other = opened(*state);
	struct counter_lane *lane = laned(counters), *next;
	struct stamp counted = counters_stamp(lane), pending, foreign;

	counters_accept(lane, &view);
	pending = counters_stamp(lane);
	assert_true(counters_counted(other, &counted));
	assert_false(counters_counted(other, &pending));
	assert_int_equal(counters_recount(other, &counted, &view), 0);
	assert_int_equal(counters_recount(other, &pending, &view), 0); /* under way */
	counters_lane_end(lane);
	next = laned(other); /* the same lane, before the event was found */
	assert_int_equal(counters_stamp(next).lane, pending.lane);
	assert_int_not_equal(counters_stamp(next).seq, pending.seq);
	counters_accept(next, &view);
	assert_false(counters_counted(other, &pending));
	assert_int_equal(counters_recount(counters, &pending, &view), 1);
	assert_true(counters_counted(other, &pending));
	assert_int_equal(counters_recount(counters, &pending, &view), 0);
	assert_int_equal(counters_recount(other, &pending, &view), 0);
	assert_int_equal(counters_get(counters, METRIC_ACCEPTED), 3);
	foreign = pending;
	foreign.epoch++;
	assert_false(counters_counted(counters, &foreign));
	assert_int_equal(counters_recount(counters, &foreign, &view), 0);
	foreign = (struct stamp){pending.epoch, 1, 1000};
	assert_int_equal(counters_recount(counters, &foreign, &view), 0);
	counters_lane_end(next);
	counters_close(other);
	counters_close(counters);
}

static void test_recount_without_owner(void **state)
{
	struct counters *counters = opened(*state);
	struct counter_lane *lane = laned(counters);
	struct stamp pending = counters_stamp(lane);

	counters_lane_end(lane);
	assert_int_equal(counters_recount(counters, &pending, &view), 1);
	assert_int_equal(counters_recount(counters, &pending, &view), 0);
	lane = laned(counters);
	assert_true(counters_stamp(lane).seq > pending.seq);
	assert_int_equal(counters_get(counters, METRIC_ACCEPTED), 1);
	counters_lane_end(lane);
	counters_close(counters);
}

/* A redo record that was published and not applied counts for readers and the next owner. */
static void test_redo(void **state)
{
	struct counters *counters = opened(*state);
	struct counter_lane *lane = laned(counters);
	struct map *map = counters_map(counters);
	uint64_t base;

	counters_add(lane, METRIC_RECEIVED, 5);
	base = layout_lane(&map->layout, counters_stamp(lane).lane);
	counters_lane_end(lane);
	map_set(map, base + LANE_ENTRIES, base + LANE_METRICS + METRIC_RECEIVED);
	map_set(map, base + LANE_ENTRIES + 1, 6);
	map_set(map, base + LANE_REDO, map_get(map, base + LANE_REDO) | 1);
	assert_int_equal(counters_get(counters, METRIC_RECEIVED), 6);
	lane = laned(counters);
	assert_int_equal(map_get(map, base + LANE_METRICS + METRIC_RECEIVED), 6);
	assert_int_equal(map_get(map, base + LANE_REDO) & 0xff, 0);
	counters_lane_end(lane);
	counters_close(counters);
}

static void test_text(void **state)
{
	struct clean quoted = {.view = 1, .route = "/\"a\\b\n"};
	struct counters *counters = opened(*state);
	struct counter_lane *lane = laned(counters);
	struct buf out;

	(void)counters_stamp(lane);
	counters_accept(lane, &quoted);
	counters_route(lane, "GET", "/orders/{id}", 200, 7000);
	counters_route(lane, "GET", "/orders/{id}", 200, 20000000);
	counters_upstream(lane, 0, 1);
	buf_init(&out, 1 << 20);
	counters_text(counters, &out);
	assert_true(buf_ok(&out));
	assert_non_null(
	    strstr(out.data, "tamis_page_views_total{http_route=\"/\\\"a\\\\b\\n\"} 1\n"));
	assert_non_null(strstr(out.data, "\ntamis_events_accepted_total 1\n"));
	assert_non_null(strstr(out.data, "\ntamis_events_refused_total{reason=\"bot\"} 0\n"));
	assert_non_null(strstr(
	    out.data,
	    "http_server_request_duration_seconds_bucket{http_request_method=\"GET\","
	    "http_route=\"/orders/{id}\",http_response_status_code=\"200\",le=\"0.005\"} 0\n"));
	assert_non_null(strstr(out.data, "code=\"200\",le=\"0.01\"} 1\n"));
	assert_non_null(strstr(out.data, "code=\"200\",le=\"10\"} 1\n"));
	assert_non_null(strstr(out.data, "code=\"200\",le=\"+Inf\"} 2\n"));
	assert_non_null(strstr(out.data, "code=\"200\"} 20.007000\n"));
	assert_non_null(strstr(out.data, "error_type=\"no_answer\"} 1\n"));
	for (const char *at = out.data; (at = strstr(at, "# TYPE ")); at++) {
		char head[96];

		snprintf(head, sizeof head, "%.*s ", (int)strcspn(at + 7, " "), at + 7);
		memmove(head + 7, head, sizeof head - 7);
		memcpy(head, "# TYPE ", 7);
		assert_null(strstr(at + 1, head)); /* once per name */
	}
	buf_free(&out);
	counters_lane_end(lane);
	counters_close(counters);
}

static void count_served(void *context, const struct served *served)
{
	*(uint64_t *)context += served->requests;
}

/* On tmpfs a page that is only looked at takes room, and where there is none it is a SIGBUS. */
static void test_looking_takes_no_room(void **state)
{
	struct counters *counters = opened(*state);
	struct counter_lane *lanes[] = {laned(counters), laned(counters), laned(counters)};
	struct stat before, after;
	uint64_t served = 0;
	struct buf out;

	counters_route(lanes[0], "GET", "/a", 200, 1);
	counters_route(lanes[2], "GET", "/a", 200, 1);
	counters_upstream(lanes[1], 200, 5);
	assert_int_equal(fstat(counters_map(counters)->fd, &before), 0);
	buf_init(&out, 1 << 20);
	counters_text(counters, &out);
	assert_non_null(strstr(out.data, "_count{http_request_method=\"GET\",http_route=\"/a\","
					 "http_response_status_code=\"200\"} 2\n"));
	buf_free(&out);
	counters_served(counters, count_served, &served);
	assert_int_equal(served, 2);
	assert_int_equal(counters_upstream_total(counters).us, 5);
	assert_int_equal(fstat(counters_map(counters)->fd, &after), 0);
	assert_int_equal(after.st_blocks, before.st_blocks);
	for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
		counters_lane_end(lanes[i]);
	counters_close(counters);
}

/* An upgrade, or a cut file: events must go on being counted, the old file stays for a look. */
static void test_other_version(void **state)
{
	struct place *place = *state;
	char old[600];

	for (int cut = 0; cut <= 1; cut++) {
		struct counters *counters = opened(place);
		struct counter_lane *lane;
		struct reason why = {""};

		assert_int_equal(counters_lane(&lane, counters), ST_OK);
		counters_add(lane, METRIC_RECEIVED, 5);
		counters_lane_end(lane);
		if (cut)
			assert_int_equal(ftruncate(counters_map(counters)->fd, 4096), 0);
		else
			map_set(counters_map(counters), AT_VERSION, COUNTERS_VERSION + 1);
		counters_close(counters);
		assert_int_equal(counters_open(&counters, &place->config, &why), ST_OK);
		assert_int_equal(counters_get(counters, METRIC_RECEIVED), 0);
		assert_int_equal(counters_lane(&lane, counters), ST_OK);
		counters_add(lane, METRIC_RECEIVED, 1);
		assert_int_equal(counters_get(counters, METRIC_RECEIVED), 1);
		counters_lane_end(lane);
		counters_close(counters);
		(void)snprintf(old, sizeof old, "%s/counters.old", place->config.state_dir);
		assert_int_equal(unlink(old), 0);
	}
}

/* cp leaves out what is zero; on a full disk a hole behind a mapping kills who meets it. */
static void test_a_copy_is_filled(void **state)
{
	struct place *place = *state;
	struct counters *counters = opened(place);
	uint64_t least = counters_map(counters)->layout.lanes + counters_map(counters)->layout.lane_series;
	struct stat about;
	char copy[200];

	counters_close(counters);
	(void)snprintf(copy, sizeof copy, "cd %s && cp --sparse=always counters c && mv c counters",
		       place->dir);
	assert_int_equal(system(copy), 0);
	assert_int_equal(stat(place->file, &about), 0);
	assert_true((uint64_t)about.st_blocks * 512 < least * 8);
	counters_close(opened(place));
	assert_int_equal(stat(place->file, &about), 0);
	assert_true((uint64_t)about.st_blocks * 512 >= least * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_add, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_accept, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_recount, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_recount_without_owner, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_redo, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_looking_takes_no_room, set_up_in_memory,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_other_version, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_copy_is_filled, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
