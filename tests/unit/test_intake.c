/*
 * Increments: what is taken and how it arrives, which field is told for what is not, who
 * may count what, and that nothing else of a body gets anywhere.
 */
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "clock.h"
#include "desk.h"
#include "file.h"
#include "place.h"
#include "state.h"
#include "tally.h"

static const char registry[] =
    "version: 1\nmetrics:\n"
    "  view: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " event_id: integer, sources: [web, admin], public_ingest: true}\n"
    "  toggle: {question: q, description: d, owner: o, subject: field, review: 2099-01-01,"
    " event_id: uuid}\n"
    "  plain: {question: q, description: d, owner: o, subject: page, review: 2099-01-01}\n"
    "  old: {question: q, description: d, owner: o, subject: page, expires: 2020-01-01}\n"
    "  sql: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " from_sql: SELECT 1}\n"
    "  dims: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " dimensions: {k: [a]}, mechanism: laplace, epsilon: 1, read: released}\n"
    "  split: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " dimensions: {k: [a], s: {builtin: us_states}}, mechanism: krr, client_epsilon: 2, epsilon: 1,"
    " domain: split, cells_per_client: 3, read: released, public_ingest: true, domain_version: 2}\n"
    "  noisy: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " mechanism: laplace, epsilon: 1, read: released}\n"
    "  path: {question: q, description: d, owner: o, subject: page, review: 2099-01-01,"
    " steps: [one, two]}\n";

struct desk {
	struct place *place;
	struct config config;
	struct intake *intake;
	struct intake_worker *worker;
	char path[128];
};

static struct desk *desk_open(void)
{
	static struct desk desk;
	struct reason why = {""};

	desk.place = place_open(NULL);
	snprintf(desk.path, sizeof(desk.path), "%s/registry.yaml", desk.place->dir);
	assert_int_equal(file_replace(desk.path, registry, strlen(registry), 0644), ST_OK);
	desk.config = *desk.place->config;
	desk.config.counts_registry = desk.path;
	desk.config.limit_requests_per_minute = 0;
	assert_int_equal(state_make(&desk.config, &why), ST_OK);
	if (intake_open(&desk.intake, &desk.config, NULL, desk.place->keys, &why) != ST_OK)
		fail_msg("%s", why.text);
	assert_int_equal(intake_worker_new(&desk.worker, desk.intake), ST_OK);
	return &desk;
}

static void desk_close(struct desk *desk)
{
	intake_worker_free(desk->worker);
	intake_close(desk->intake);
	place_close(desk->place);
}

static const struct grant all = {.id = "01234567", .scopes = SCOPE_INGEST};

static struct intake_verdicts post(struct desk *desk, const char *body, const struct grant *grant,
				   bool listed)
{
	struct intake_request request = {.body = body,
					 .len = strlen(body),
					 .grant = grant,
					 .listed_origin = listed,
					 .address = "192.0.2.1"};
	struct intake_verdicts verdicts;

	intake_counts(desk->worker, &request, &verdicts);
	return verdicts;
}

static enum status write_cell(void *context, const char *lane, uint64_t batch,
			      const struct tally_cell *cells, size_t n, struct reason *why)
{
	struct buf *out = context;

	(void)lane;
	(void)batch;
	(void)why;
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s %s %s %s %llu\n", cells[i].name, cells[i].day, cells[i].key,
			 cells[i].source, (unsigned long long)cells[i].count);
	return ST_OK;
}

/* All that the lanes hold, a line each, in no order. */
static const char *arrived(struct desk *desk)
{
	static struct buf out;
	struct tally_drained drained;
	struct reason why = {""};
	char directory[STATE_PATH_BYTES];

	buf_free(&out);
	buf_init(&out, 1 << 16);
	buf_adds(&out, "\n");
	state_path(directory, &desk->config, STATE_TALLY);
	assert_int_equal(tally_drain(directory, write_cell, &out, &drained, &why), ST_OK);
	return out.data;
}

static void test_taken(void **state)
{
	struct desk *desk = desk_open();
	char today[DAY_BYTES], line[128];
	const char *got;
	struct intake_verdicts v;

	(void)state;
	day_text(today, (int32_t)clock_day(clock_wall_us()));
	v = post(
	    desk,
	    "[{\"event_name\":\"view\",\"event_id\":42,\"source\":\"web\"},"
	    "{\"event_name\":\"view\",\"event_id\":\"42\",\"source\":\"web\",\"count\":4},"
	    "{\"event_name\":\"toggle\",\"event_id\":\"9B379B11-CD77-4AFA-995E-06E009CAB81C\"},"
	    "{\"event_name\":\"plain\"},{\"event_name\":\"path.two\"},"
	    "{\"event_name\":\"gone\"}]",
	    &all, false);
	assert_int_equal(v.whole.status, ST_OK);
	assert_int_equal(v.n, 6);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(v.items[i].status, ST_OK);
	assert_int_equal(v.items[5].status, ST_NOT_FOUND);
	got = arrived(desk);
	snprintf(line, sizeof(line), "\nview %s 42 web 5\n", today);
	assert_non_null(strstr(got, line));
	snprintf(line, sizeof(line), "\ntoggle %s 9b379b11-cd77-4afa-995e-06e009cab81c  1\n",
		 today);
	assert_non_null(strstr(got, line));
	snprintf(line, sizeof(line), "\npath.two %s   1\n", today);
	assert_non_null(strstr(got, line));

	/* A time of day is cut to the day. */
	char body[128];
	snprintf(body, sizeof(body), "{\"event_name\":\"plain\",\"event_date\":\"%sT23:59:59Z\"}",
		 today);
	v = post(desk, body, &all, false);
	assert_int_equal(v.items[0].status, ST_OK);
	assert_null(strstr(arrived(desk), "23:59"));
	desk_close(desk);
}

static void test_refused(void **state)
{
	static const struct {
		const char *body, *field;
	} rows[] = {
	    {"7", ""},
	    {"{}", "event_name"},
	    {"{\"event_name\":7}", "event_name"},
	    {"{\"event_name\":\"nosuch\"}", "event_name"},
	    {"{\"event_name\":\"view\\u0000\",\"event_id\":1}", "event_name"},
	    {"{\"event_name\":\"old\"}", "event_name"},
	    {"{\"event_name\":\"sql\"}", "event_name"},
	    {"{\"event_name\":\"dims\"}", "event_name"},
	    {"{\"event_name\":\"noisy\"}", "event_name"},
	    {"{\"event_name\":\"path\"}", "event_name"},
	    {"{\"event_name\":\"path.three\"}", "event_name"},
	    {"{\"event_name\":\"view\"}", "event_id"},
	    {"{\"event_name\":\"view\",\"event_id\":-1}", "event_id"},
	    {"{\"event_name\":\"view\",\"event_id\":1.5}", "event_id"},
	    {"{\"event_name\":\"view\",\"event_id\":\"01\"}", "event_id"},
	    {"{\"event_name\":\"view\",\"event_id\":9223372036854775808}", "event_id"},
	    {"{\"event_name\":\"view\",\"event_id\":\"canary@example.com\"}", "event_id"},
	    {"{\"event_name\":\"toggle\",\"event_id\":7}", "event_id"},
	    {"{\"event_name\":\"plain\",\"event_id\":7}", "event_id"},
	    {"{\"event_name\":\"plain\",\"event_date\":\"yesterday\"}", "event_date"},
	    {"{\"event_name\":\"plain\",\"event_date\":\"2099-01-01\"}", "event_date"},
	    {"{\"event_name\":\"plain\",\"event_date\":\"2020-01-01\"}", "event_date"},
	    {"{\"event_name\":\"plain\",\"count\":0}", "count"},
	    {"{\"event_name\":\"plain\",\"count\":1000001}", "count"},
	    {"{\"event_name\":\"plain\",\"count\":\"1\"}", "count"},
	    {"{\"event_name\":\"plain\",\"count\":1e3}", "count"},
	    {"{\"event_name\":\"plain\",\"source\":\"web\"}", "source"},
	    {"{\"event_name\":\"view\",\"event_id\":1,\"source\":\"canary\"}", "source"},
	    {"{\"event_name\":\"plain\",\"session_id\":\"canary\"}", "session_id"},
	    {"{\"event_name\":\"plain\",\"user_id\":1}", "user_id"},
	    {"{\"event_name\":\"plain\",\"ip\":\"192.0.2.1\"}", "ip"},
	    {"{\"event_name\":\"plain\",\"fingerprint\":1}", "fingerprint"},
	    {"{\"event_name\":\"plain\",\"canary\":1}", ""},
	    {"{\"event_name\":\"plain\",\"event_name\":\"plain\"}", "event_name"},
	};
	struct desk *desk = desk_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct intake_verdicts v = post(desk, rows[i].body, &all, false);
		assert_int_equal(v.whole.status, ST_OK);
		assert_int_equal(v.n, 1);
		if (v.items[0].status == ST_OK ||
		    strcmp(v.items[0].fault.field, rows[i].field) != 0)
			fail_msg("%s: %s %s", rows[i].body, v.items[0].fault.field,
				 v.items[0].fault.text);
		assert_null(strstr(v.items[0].fault.text, "canary"));
	}
	assert_string_equal(arrived(desk), "\n");
	assert_int_equal(post(desk, "{", &all, false).whole.status, ST_INVALID);
	desk_close(desk);
}

static void test_rights(void **state)
{
	static const char view[] = "{\"event_name\":\"view\",\"event_id\":42}";
	static const char plain[] = "{\"event_name\":\"plain\"}";
	struct grant organiser = {.scopes = SCOPE_INGEST, .subject = "42"};
	struct desk *desk = desk_open();

	(void)state;
	assert_int_equal(post(desk, view, NULL, true).items[0].status, ST_OK);
	assert_int_equal(post(desk, view, NULL, false).items[0].status, ST_DENIED);
	assert_int_equal(post(desk, plain, NULL, true).items[0].status, ST_DENIED);
	assert_int_equal(post(desk, view, &organiser, false).items[0].status, ST_OK);
	strcpy(organiser.subject, "43");
	assert_int_equal(post(desk, view, &organiser, false).items[0].status, ST_DENIED);
	/* A limit that is wanted and not to be had lets nobody pass who has no token. */
	desk->config.limit_requests_per_minute = 60;
	assert_int_equal(post(desk, view, NULL, true).whole.status, ST_UNAVAILABLE);
	assert_int_equal(post(desk, view, &all, true).items[0].status, ST_OK);
	desk_close(desk);
}

static struct intake_verdicts report(struct desk *desk, const char *increments,
				     const struct grant *grant, const char *address)
{
	static char body[8192];
	struct intake_request request = {
	    .body = body, .grant = grant, .listed_origin = true, .address = address};
	struct intake_verdicts verdicts;

	request.len = (size_t)snprintf(body, sizeof(body), "{\"increments\":[%s]}", increments);
	intake_reports(desk->worker, &request, &verdicts);
	return verdicts;
}

#define DIMS "{\"metric\":\"dims\",\"domain_version\":1,\"dimensions\":{\"k\":\"%s\"}}"
#define SPLIT                                                                                      \
	"{\"metric\":\"split\",\"domain_version\":2,\"dimensions\":{\"k\":\"a\",\"s\":\"US-CA-"    \
	"12\"}}"

/* Cells by their numbers, of whichever version; what is in no list is __other__. */
static void test_reports(void **state)
{
	struct desk *desk = desk_open();
	char text[512], line[64], today[DAY_BYTES];
	const char *got;

	(void)state;
	day_text(today, (int32_t)clock_day(clock_wall_us()));
	snprintf(text, sizeof(text), DIMS "," DIMS, "a", "canary");
	assert_int_equal(report(desk, text, &all, "192.0.2.1").items[1].status, ST_OK);
	assert_int_equal(report(desk, SPLIT, NULL, "192.0.2.1").items[0].status, ST_OK);
	got = arrived(desk);
	snprintf(line, sizeof(line), "\ndims %s 0 1/10x1/0 1\n", today);
	assert_non_null(strstr(got, line));
	snprintf(line, sizeof(line), "\ndims %s 1 1/10x1/0 1\n", today);
	assert_non_null(strstr(got, line));
	snprintf(line, sizeof(line), "\nsplit %s 0 2/3x1/2000000s 1\n", today);
	assert_non_null(strstr(got, line));
	snprintf(line, sizeof(line), "\nsplit %s 7 2/3x1/2000000s 1\n",
		 today); /* 2 of k, then CA */
	assert_non_null(strstr(got, line));
	desk_close(desk);
}

/* A cell once, no more cells than L0, a hundred attempts; by address, or by the caller's word. */
static void test_bound(void **state)
{
	struct desk *desk = desk_open();
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), DIMS, "a");
	assert_int_equal(report(desk, text, &all, "192.0.2.1").items[0].status, ST_OK);
	for (int i = 1; i < 200; i++)
		assert_int_equal(report(desk, text, &all, "192.0.2.1").items[0].status, ST_LIMITED);
	assert_int_equal(report(desk, text, &all, "192.0.2.2").items[0].status, ST_OK);
	assert_int_equal(report(desk, text, &all, "2001:db8:0:1::1").items[0].status, ST_OK);
	assert_int_equal(report(desk, text, &all, "2001:db8:0:1:ffff::2").items[0].status,
			 ST_LIMITED); /* the same /64 */
	for (int i = 0; i < 6; i++)   /* three reports of a client, the same cell or not */
		assert_int_equal(report(desk, SPLIT, NULL, "192.0.2.1").items[0].status,
				 i < 3 ? ST_OK : ST_LIMITED);
	assert_int_equal(report(desk, SPLIT, NULL, NULL).whole.status, ST_UNAVAILABLE);
	assert_int_equal(report(desk, text, &all, NULL).items[0].status, ST_UNAVAILABLE);
	desk->config.counts_registry = "";

	/* Nothing of it lies on a disk, and a table that is not to be had refuses. */
	intake_worker_free(desk->worker);
	desk->intake->key_dir = "/nowhere";
	assert_int_equal(intake_worker_new(&desk->worker, desk->intake), ST_OK);
	assert_int_equal(report(desk, text, &all, "192.0.2.9").items[0].status, ST_UNAVAILABLE);
	desk_close(desk);
}

/* A day whose table is gone, and a day before one that had a table, take nothing any more. */
static void test_table_lost(void **state)
{
	static const struct allowance one = {1, 1, false};
	struct place *place = place_open(NULL);
	char marker[96], path[96];
	struct bound *bound, *other;

	(void)state;
	snprintf(marker, sizeof(marker), "%s/bounded", place->dir);
	assert_int_equal(bound_open(&bound, place->keys, marker, NULL), ST_OK);
	assert_int_equal(bound_take(bound, 20777, "a", 1, "m", 0, &one), ST_OK);
	assert_int_equal(bound_open(&other, place->keys, marker, NULL), ST_OK);
	assert_int_equal(bound_take(other, 20777, "a", 1, "m", 0, &one), ST_END);
	assert_int_equal(bound_take(other, 20777, "b", 1, "m", 0, &one), ST_OK);
	/* The clock goes on, and back. */
	assert_int_equal(bound_take(bound, 20778, "a", 1, "m", 0, &one), ST_OK);
	assert_int_equal(bound_take(bound, 20777, "c", 1, "m", 0, &one), ST_UNAVAILABLE);
	assert_int_equal(bound_take(bound, 20778, "a", 1, "m", 0, &one), ST_END);
	bound_close(other);
	bound_close(bound);
	/* A reboot. */
	snprintf(path, sizeof(path), "%s/bounds.20778", place->keys);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(bound_open(&bound, place->keys, marker, NULL), ST_OK);
	assert_int_equal(bound_take(bound, 20778, "a", 1, "m", 0, &one), ST_UNAVAILABLE);
	assert_int_equal(bound_take(bound, 20779, "a", 1, "m", 0, &one), ST_OK);
	bound_close(bound);
	place_close(place);
}

static void test_report_refused(void **state)
{
	static const struct {
		const char *body;
		const char *field;
	} rows[] = {
	    {"7", ""},
	    {"{\"metric\":\"view\",\"domain_version\":1}", "metric"},
	    {"{\"metric\":\"nosuch\",\"domain_version\":1}", "metric"},
	    {"{\"metric\":\"dims\",\"dimensions\":{\"k\":\"a\"}}", "domain_version"},
	    {"{\"metric\":\"dims\",\"domain_version\":2,\"dimensions\":{\"k\":\"a\"}}",
	     "domain_version"},
	    {"{\"metric\":\"dims\",\"domain_version\":1}", "dimensions"},
	    {"{\"metric\":\"dims\",\"domain_version\":1,\"dimensions\":{\"z\":\"a\"}}",
	     "dimensions"},
	    {"{\"metric\":\"dims\",\"domain_version\":1,\"dimensions\":{\"k\":7}}", "dimensions"},
	    {"{\"metric\":\"dims\",\"domain_version\":1,\"dimensions\":{\"k\":\"a\",\"l\":\"b\"}}",
	     "dimensions"},
	    {"{\"metric\":\"dims\",\"domain_version\":1,\"user_id\":1}", "user_id"},
	    {"{\"metric\":\"dims\",\"domain_version\":1,\"canary\":1}", ""},
	    {"{\"metric\":\"dims\",\"metric\":\"dims\"}", "metric"},
	};
	struct desk *desk = desk_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct intake_verdicts v = report(desk, rows[i].body, &all, "192.0.2.1");
		assert_int_equal(v.whole.status, ST_OK);
		assert_int_not_equal(v.items[0].status, ST_OK);
		assert_string_equal(v.items[0].fault.field, rows[i].field);
	}
	assert_string_equal(arrived(desk), "\n");
	desk_close(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_taken),	   cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_rights),	   cmocka_unit_test(test_reports),
	    cmocka_unit_test(test_bound),	   cmocka_unit_test(test_table_lost),
	    cmocka_unit_test(test_report_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
