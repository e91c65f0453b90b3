/*
 * Reading counts: whatever was added, set, cleared and removed in the store, each question
 * is answered as by adding up the cells one by one. On SQLite, and where TEST_DATABASE_URL
 * names an empty database on that one: see tests/integration/test_store.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "counts.h"
#include "place.h"
#include "store.h"

enum { NAMES = 3, DAYS = 70, IDS = 4, SOURCES = 2, CHANGES = 1500, QUESTIONS = 600 };

static const char *const names[] = {"a", "b", "c"};
static const char *const ids[] = {"10", "11", "12", "13"};
static const char *const sources[] = {"admin", "web"};
static int32_t first_day; /* 2027-12-25: over a year's end, and a 29th of February */

struct world {
	uint64_t cells[NAMES][DAYS][IDS][SOURCES];
};

static unsigned seed;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static void must(enum status status, const struct reason *why)
{
	if (status != ST_OK)
		fail_msg("seed %u: %s: %s", seed, status_text(status), why->text);
}

static void put(struct store *store, struct world *world, enum query query)
{
	unsigned name = below(NAMES), at = below(DAYS), id = below(IDS), source = below(SOURCES);
	uint64_t n = 1 + below(9), *cell = &world->cells[name][at][id][source];
	char day[DAY_BYTES];
	const struct store_value values[] = {
	    STORE_TEXT(names[name]), STORE_TEXT(day_text(day, first_day + (int32_t)at)),
	    STORE_TEXT(ids[id]), STORE_TEXT(sources[source]), STORE_NUMBER((int64_t)n)};
	struct reason why = {""};

	must(store_run(store, query, values, NULL, NULL, &why), &why);
	*cell = n + (query == QUERY_COUNT_ADD ? *cell : 0);
}

static void clear(struct store *store, struct world *world)
{
	unsigned name = below(NAMES), at = below(DAYS);
	char day[DAY_BYTES];
	const struct store_value values[] = {STORE_TEXT(names[name]),
					     STORE_TEXT(day_text(day, first_day + (int32_t)at))};
	struct reason why = {""};

	must(store_run(store, QUERY_COUNT_CLEAR, values, NULL, NULL, &why), &why);
	memset(world->cells[name][at], 0, sizeof(world->cells[name][at]));
}

static void expire(struct store *store, struct world *world)
{
	unsigned days = below(12);
	char day[DAY_BYTES];
	struct reason why = {""};

	must(store_run(store, QUERY_COUNTS_EXPIRE,
		       &STORE_TEXT(day_text(day, first_day + (int32_t)days)), NULL, NULL, &why),
	     &why);
	for (unsigned name = 0; name < NAMES; name++)
		memset(world->cells[name], 0, days * sizeof(world->cells[name][0]));
}

/* Some of it within a transaction that is taken back. */
static void change(struct store *store, struct world *world)
{
	bool back = below(5) == 0;
	struct world before = *world;
	struct reason why = {""};

	must(store_begin(store, true, &why), &why);
	for (unsigned n = below(10) + 1; n; n--) {
		switch (below(40)) {
		case 0:
			clear(store, world);
			break;
		case 1:
			expire(store, world);
			break;
		case 2:
		case 3:
			put(store, world, QUERY_COUNT_SET);
			break;
		default:
			put(store, world, QUERY_COUNT_ADD);
		}
	}
	if (back) {
		store_rollback(store);
		*world = before;
	} else {
		must(store_commit(store, &why), &why);
	}
}

static void write_row(void *context, const struct counts_row *row)
{
	buf_addf(context, "%s %s %s %s %llu\n", row->name, row->id ? row->id : "-",
		 row->date ? row->date : "-", row->source ? row->source : "-",
		 (unsigned long long)row->count);
}

/* The sum of the cells that a question leaves together; each index below 0 is any. */
static uint64_t sum(const struct world *world, const struct counts_question *question, int name,
		    int at, int id, int source)
{
	uint64_t n = 0;

	for (int d = 0; d < DAYS; d++) {
		if ((at >= 0 && at != d) || first_day + d < question->from ||
		    first_day + d > question->to)
			continue;
		for (int i = 0; i < IDS; i++) {
			if ((id >= 0 && id != i) || (*question->id && strcmp(question->id, ids[i])))
				continue;
			for (int s = 0; s < SOURCES; s++)
				n += source < 0 || source == s ? world->cells[name][d][i][s] : 0;
		}
	}
	return n;
}

static bool keeps(const struct counts_question *question, enum counts_group group)
{
	return question->group == group || question->group == GROUP_ALL;
}

/* d < 0: all days together. */
static void expect_rows(struct buf *out, const struct world *world,
			const struct counts_question *question, int name, int d)
{
	int id_n = keeps(question, GROUP_ID) ? IDS : 0;
	int source_n = keeps(question, GROUP_SOURCE) ? SOURCES : 0;
	char day[DAY_BYTES];

	if (*question->name && strcmp(question->name, names[name]))
		return;
	for (int i = id_n ? 0 : -1; i < id_n; i++) {
		for (int s = source_n ? 0 : -1; s < source_n; s++) {
			struct counts_row row = {names[name], i < 0 ? NULL : ids[i],
						 d < 0 ? NULL : day_text(day, first_day + d),
						 s < 0 ? NULL : sources[s],
						 sum(world, question, name, d, i, s)};
			if (row.count)
				write_row(out, &row);
		}
	}
}

static void expect(struct buf *out, const struct world *world,
		   const struct counts_question *question)
{
	bool cells = question->group == GROUP_ALL, days = keeps(question, GROUP_DATE);

	for (int d = 0; cells && d < DAYS; d++)
		for (int name = 0; name < NAMES; name++)
			expect_rows(out, world, question, name, d);
	for (int name = 0; !cells && name < NAMES; name++)
		for (int d = days ? 0 : -1; d < (days ? DAYS : 0); d++)
			expect_rows(out, world, question, name, d);
}

static void ask(struct counts_reader *reader, const struct world *world)
{
	static const char *const no_name[] = {"", "", "a", "b", "c"};
	static const char *const no_id[] = {"", "", "10", "13"};
	struct counts_question question = {
	    no_name[below(5)], no_id[below(4)], first_day - 3 + (int32_t)below(DAYS), 0,
	    below(GROUPS),     1000000};
	struct reason why = {""};
	struct buf got, wanted;

	question.to = question.from + (int32_t)below(DAYS);
	buf_init(&got, 1 << 24);
	buf_init(&wanted, 1 << 24);
	buf_adds(&got, "");
	buf_adds(&wanted, "");
	expect(&wanted, world, &question);
	must(counts_read(reader, &question, write_row, &got, &why), &why);
	if (got.len != wanted.len || memcmp(got.data, wanted.data, got.len) != 0)
		fail_msg("group %s of \"%s\" \"%s\", days %d to %d:\n%.*s\nwanted:\n%.*s",
			 counts_groups[question.group], question.name, question.id,
			 question.from - first_day, question.to - first_day, (int)got.len, got.data,
			 (int)wanted.len, wanted.data);
	buf_free(&got);
	buf_free(&wanted);
}

static void test_questions(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = *place->config;
	const char *url = getenv("TEST_DATABASE_URL");
	struct world *world = calloc(1, sizeof(*world));
	struct counts_reader *reader;
	struct reason why = {""};
	struct store *store;

	(void)state;
	config.state_dir = place->keys; /* each commit is synced: on tmpfs for nothing */
	config.store_url = url ? url : "";
	seed = (unsigned)getpid();
	must(store_open(&store, &config, STORE_WRITE, &why), &why);
	assert_int_equal(counts_reader_new(&reader, &config), ST_OK);
	for (int i = 0; i < CHANGES; i++) {
		change(store, world);
		if (i % (CHANGES / QUESTIONS) == 0)
			ask(reader, world);
	}
	counts_reader_free(reader);
	store_close(store);
	place_close(place);
	free(world);
}

static void count_row(void *context, const struct counts_row *row)
{
	(void)row;
	++*(uint64_t *)context;
}

/* As many rows as were wanted, and told where there are more. */
static void test_most_rows(void **state)
{
	struct place *place = place_open(NULL);
	struct world *world = calloc(1, sizeof(*world));
	struct counts_question question = {"", "", first_day, first_day + DAYS, GROUP_ALL, 5};
	struct counts_reader *reader;
	struct reason why = {""};
	struct store *store;
	uint64_t n = 0;

	(void)state;
	must(store_open(&store, place->config, STORE_WRITE, &why), &why);
	for (int i = 0; i < 40; i++)
		put(store, world, QUERY_COUNT_ADD);
	assert_int_equal(counts_reader_new(&reader, place->config), ST_OK);
	assert_int_equal(counts_read(reader, &question, count_row, &n, &why), ST_TOO_LARGE);
	assert_int_equal(n, 5);
	question.rows_max = 40;
	n = 0;
	must(counts_read(reader, &question, count_row, &n, &why), &why);
	assert_true(n > 5 && n <= 40);
	counts_reader_free(reader);
	store_close(store);
	place_close(place);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_questions),
	    cmocka_unit_test(test_most_rows),
	};

	if (day_parse(&first_day, "2027-12-25", 10) != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
