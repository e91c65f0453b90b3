/*
 * The promise itself, audited: releases of neighbouring inputs (a client-day there, or not) are
 * told apart no better than epsilon allows, and no worse than it says.
 *
 * For an event E the Clopper-Pearson bounds at 5e-10 of P(E | with) and P(E | without) give
 * a lower bound of epsilon. It is a violation if that is above epsilon, which happens by
 * chance once in 1e9 events; below 0.95 epsilon there is more noise than was promised.
 * TAMIS_DP_SCALE multiplies the samples (make check-dp).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "day.h"
#include "domain.h"
#include "place.h"
#include "release.h"

#define CELLS 20000
#define JOINT 10
#define FIRST_DAY 20000
#define ALPHA 5e-10

/* The continued fraction of the incomplete beta function (Lentz). */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1), f;

	d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);
	f = d;
	for (int m = 1; m < 100000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / (1 + even * d);
		c = 1 + even / c;
		f *= d * c;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		f *= d * c;
		if (fabs(d * c - 1) < 1e-13)
			break;
	}
	return f;
}

static double beta_below(double a, double b, double x)
{
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));

	return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
					 : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* The p at which the beta law's lower tail is `tail`. */
static double beta_quantile(double a, double b, double tail)
{
	double low = 0, high = 1;

	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;
		if (beta_below(a, b, middle) < tail)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

static double lower(double hits, double n)
{
	return hits > 0 ? beta_quantile(hits, n - hits + 1, ALPHA) : 0;
}

static double upper(double hits, double n)
{
	return hits < n ? beta_quantile(hits + 1, n - hits, 1 - ALPHA) : 1;
}

#define EVENTS 16

/* How often each event was seen, without and with the client-day. */
struct audit {
	double n[2], hits[2][EVENTS];
	int side;
};

static double epsilon_bound(const struct audit *audit, int event)
{
	double there = log(lower(audit->hits[1][event], audit->n[1]) /
			   upper(audit->hits[0][event], audit->n[0]));
	double back = log(lower(audit->hits[0][event], audit->n[0]) /
			  upper(audit->hits[1][event], audit->n[1]));

	return fmax(there, back);
}

/* Each cell for itself: at most, and at least, so much. */
static enum status see_cells(void *context, const struct release *release)
{
	struct audit *audit = context;

	for (size_t i = 0; i < release_size(release); i++) {
		double value = release_cell(release, i).value;
		for (int e = 0; e < EVENTS; e++)
			audit->hits[audit->side][e] += value >= e - EVENTS / 2 + 1;
		audit->n[audit->side]++;
	}
	return ST_OK;
}

/* Ten cells at once: in how many of them there is more than nothing. */
static enum status see_vectors(void *context, const struct release *release)
{
	struct audit *audit = context;

	for (size_t i = 0; i + JOINT <= release_size(release); i += JOINT) {
		int above = 0;
		for (size_t k = 0; k < JOINT; k++)
			above += release_cell(release, i + k).value >= 1;
		for (int e = 0; e <= JOINT; e++)
			audit->hits[audit->side][e] += above >= e;
		audit->n[audit->side]++;
	}
	return ST_OK;
}

struct world {
	struct place *place;
	struct config config;
	struct registry *registry;
	struct store *store;
	struct entropy *entropy;
};

static void write_registry(const struct place *place, char path[96])
{
	char values[96];
	FILE *file;

	snprintf(values, sizeof(values), "%s/values", place->dir);
	snprintf(path, 96, "%s/registry.yaml", place->dir);
	file = fopen(values, "w");
	for (int i = 0; i < CELLS - 1; i++)
		fprintf(file, "v%d\n", i);
	fclose(file);
	file = fopen(path, "w");
	fputs("version: 1\nmetrics:\n", file);
	for (int i = 0; i < 4; i++)
		fprintf(file,
			"  m%d: {question: q, description: d, owner: o, subject: page, review: "
			"2099-01-01, read: released, dimensions: {v: {file: values}}, mechanism: "
			"laplace, epsilon: %s, cells_per_client: %d}\n",
			i, (const char *[]){"0.5", "1", "2", "1"}[i], i < 3 ? 1 : JOINT);
	fclose(file);
}

static struct world *world_open(void)
{
	static struct world world;
	struct reason why = {""};
	char path[96];

	world.place = place_open(NULL);
	world.config = *world.place->config;
	world.config.state_dir = world.place->keys; /* on tmpfs */
	write_registry(world.place, path);
	if (registry_open(&world.registry, path, &why) != ST_OK ||
	    store_open(&world.store, &world.config, STORE_WRITE, &why) != ST_OK)
		fail_msg("%s", why.text);
	assert_int_equal(entropy_open(&world.entropy), ST_OK);
	return &world;
}

static void world_close(struct world *world)
{
	entropy_close(world->entropy);
	store_close(world->store);
	registry_close(world->registry);
	place_close(world->place);
}

/* One report in every cell: each is a client-day at its bound. */
static void report_everywhere(const struct world *world, const struct measure *measure, int32_t day)
{
	static struct store_value values[CELLS][5];
	static char cells[CELLS][8];
	char text[DAY_BYTES], terms[TERMS_BYTES];
	struct reason why = {""};

	day_text(text, day);
	measure_terms(terms, measure);
	for (int i = 0; i < CELLS; i++) {
		snprintf(cells[i], sizeof(cells[i]), "%d", i);
		values[i][0] = STORE_TEXT(measure->name);
		values[i][1] = STORE_TEXT(text);
		values[i][2] = STORE_TEXT(cells[i]);
		values[i][3] = STORE_TEXT(terms);
		values[i][4] = STORE_NUMBER(1);
	}
	assert_int_equal(store_begin(world->store, false, &why), ST_OK);
	assert_int_equal(store_many(world->store, QUERY_REPORT_ADD, values[0], CELLS, &why), ST_OK);
	assert_int_equal(store_commit(world->store, &why), ST_OK);
}

/* Even days without, odd ones with the client-days. */
static void take_samples(struct audit *audit, const char *metric, int days, release_visit_fn *see)
{
	const char *scale = getenv("TAMIS_DP_SCALE");
	struct world *world = world_open();
	struct reason why = {""};
	const char *step;
	const struct measure *m = registry_find(world->registry, metric, &step);

	memset(audit, 0, sizeof(*audit));
	days *= scale ? atoi(scale) : 1;
	for (int32_t day = FIRST_DAY; day < FIRST_DAY + 2 * days; day++) {
		audit->side = day & 1;
		if (audit->side)
			report_everywhere(world, m, day);
		assert_int_equal(release_make(world->store, m, day, world->entropy, &why), ST_OK);
		assert_int_equal(release_read(world->store, metric, day, day, see, audit, &why),
				 ST_OK);
	}
	world_close(world);
}

static void test_one_cell(void **state)
{
	/* At epsilon 0.5 the bound of a million samples is 5.6 sigma above 0.95 of it. */
	static const struct {
		const char *metric;
		double epsilon;
		int days;
	} rows[] = {{"m0", 0.5, 50}, {"m1", 1, 20}, {"m2", 2, 20}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct audit audit;
		double most = 0;
		take_samples(&audit, rows[i].metric, rows[i].days, see_cells);
		for (int e = 0; e < EVENTS; e++)
			most = fmax(most, epsilon_bound(&audit, e));
		print_message("# epsilon %.1f: at least %.4f, of %.0f samples\n", rows[i].epsilon,
			      most, audit.n[0]);
		assert_true(most <= rows[i].epsilon);
		assert_true(most >= 0.95 * rows[i].epsilon);
	}
}

static void test_ten_cells(void **state)
{
	struct audit audit;
	double most = 0;

	(void)state;
	take_samples(&audit, "m3", 20, see_vectors);
	for (int e = 1; e <= JOINT; e++)
		most = fmax(most, epsilon_bound(&audit, e));
	print_message("# ten cells: at least %.4f, of %.0f samples\n", most, audit.n[0]);
	assert_true(most <= 1);
	assert_true(most > 0.2); /* the audit sees something */
}

/* Against tables of the binomial law. */
static void test_bounds(void **state)
{
	(void)state;
	assert_true(fabs(beta_below(2, 3, 0.5) - 0.6875) < 1e-12);
	assert_true(fabs(beta_below(500000, 500001, 0.5) - 0.5) < 1e-3);
	assert_true(fabs(beta_quantile(5, 6, 0.025) - 0.18708603) < 1e-7); /* 5 of 10 */
	assert_true(fabs(beta_quantile(6, 5, 0.975) - 0.81291397) < 1e-7);
	assert_true(lower(0, 10) == 0 && upper(10, 10) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_one_cell),
	    cmocka_unit_test(test_ten_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
