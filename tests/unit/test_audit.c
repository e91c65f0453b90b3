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
#include "release.h"

#define CELLS 100000
#define JOINT 10
#define FIRST_DAY 20000
#define ALPHA 5e-10
#define STORE_COLUMNS 12 /* of QUERY_RELEASES */

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
	double delta, n[2], hits[2][EVENTS];
	int side;
};

/* P(E | one) <= e^epsilon P(E | other) + delta. */
static double one_bound(const struct audit *audit, int one, int event)
{
	double there = lower(audit->hits[one][event], audit->n[one]) - audit->delta;

	return there > 0 ? log(there / upper(audit->hits[!one][event], audit->n[!one])) : 0;
}

static double epsilon_bound(const struct audit *audit, int event)
{
	return fmax(one_bound(audit, 1, event), one_bound(audit, 0, event));
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

/*
 * A store of one metric and day: what release_make() hands over is what release_read() gets.
 * (On real ones test_releases_audit.py audits, over HTTP.)
 */
struct store {
	bool reported; /* one report in every cell: each is a client-day at its bound */
	char *domain, *cells, numbers[STORE_COLUMNS][24];
	const char *columns[STORE_COLUMNS];
};

static char cell_texts[CELLS][8], value_texts[CELLS][8];

enum status store_begin(struct store *store, bool alone, struct reason *why)
{
	(void)store, (void)alone, (void)why;
	return ST_OK;
}

enum status store_commit(struct store *store, struct reason *why)
{
	(void)store, (void)why;
	return ST_OK;
}

void store_rollback(struct store *store)
{
	(void)store;
}

uint64_t store_changed(const struct store *store)
{
	(void)store;
	return 1;
}

static void keep(char **place, const char *text)
{
	free(*place);
	*place = strdup(text);
	assert_non_null(*place);
}

/* QUERY_RELEASE_ADD's values as QUERY_RELEASES' columns: without the metric, with the domain. */
static void keep_release(struct store *store, const struct store_value *values)
{
	keep(&store->cells, values[STORE_COLUMNS - 1].text);
	for (int i = 0; i < STORE_COLUMNS - 2; i++) {
		const struct store_value *value = &values[i + 1];
		if (value->text)
			snprintf(store->numbers[i], sizeof(store->numbers[i]), "%s", value->text);
		else
			snprintf(store->numbers[i], sizeof(store->numbers[i]), "%lld",
				 (long long)value->number);
		store->columns[i] = store->numbers[i];
	}
	store->columns[STORE_COLUMNS - 2] = store->cells;
	store->columns[STORE_COLUMNS - 1] = store->domain;
}

enum status store_run(struct store *store, enum query query, const struct store_value *values,
		      store_row_fn *row, void *context, struct reason *why)
{
	(void)why;
	switch (query) {
	case QUERY_DOMAIN_ADD:
		keep(&store->domain, values[2].text);
		return ST_OK;
	case QUERY_DOMAIN:
		return row(context, (const char *const[]){store->domain});
	case QUERY_REPORTS:
		for (int i = 0; i < CELLS && store->reported; i++)
			assert_int_equal(row(context, (const char *const[]){cell_texts[i], "1"}),
					 ST_OK);
		return ST_OK;
	case QUERY_RELEASE_ADD:
		keep_release(store, values);
		return ST_OK;
	case QUERY_RELEASES:
		return row(context, store->columns);
	default:
		return ST_OK;
	}
}

struct promised {
	uint64_t epsilon_micro, delta_pico, cells_per_client;
	int days;
};

static struct measure measure_of(const struct promised *promised, struct dimension *dimension,
				 const char *const *values)
{
	*dimension = (struct dimension){.name = "v", .values = {CELLS, values}};
	return (struct measure){
	    .name = "m",
	    .mechanism = MECHANISM_LAPLACE,
	    .noise = promised->delta_pico ? NOISE_GAUSSIAN : NOISE_LAPLACE,
	    .epsilon = promised->epsilon_micro,
	    .delta = promised->delta_pico,
	    .cells_per_client = promised->cells_per_client,
	    .per_cell = 1,
	    .domain_version = 1,
	    .dimensions = {1, dimension},
	};
}

/* Even days without, odd ones with the client-days. */
static void take_samples(struct audit *audit, const struct promised *promised,
			 release_visit_fn *see)
{
	static const char *values[CELLS];
	const char *scale = getenv("TAMIS_DP_SCALE");
	int days = promised->days * (scale ? atoi(scale) : 1);
	struct dimension dimension;
	struct measure m = measure_of(promised, &dimension, values);
	struct store store = {.reported = false};
	struct reason why = {""};
	struct entropy *entropy;

	for (int i = 0; i < CELLS; i++) {
		snprintf(cell_texts[i], sizeof(cell_texts[i]), "%d", i);
		snprintf(value_texts[i], sizeof(value_texts[i]), "v%d", i);
		values[i] = value_texts[i];
	}
	*audit = (struct audit){.delta = (double)promised->delta_pico / 1e12};
	assert_int_equal(entropy_open(&entropy), ST_OK);
	for (int32_t day = FIRST_DAY; day < FIRST_DAY + 2 * days; day++) {
		audit->side = day & 1;
		store.reported = audit->side;
		assert_int_equal(release_make(&store, &m, day, entropy, &why), ST_OK);
		assert_int_equal(release_read(&store, "m", day, day, see, audit, &why), ST_OK);
	}
	entropy_close(entropy);
	free(store.domain);
	free(store.cells);
}

/* A million cells on each side: the bound is then 5.6 sigma and more above 0.95 of epsilon. */
static void test_one_cell(void **state)
{
	static const struct promised rows[] = {
	    {500000, 0, 1, 10}, {1000000, 0, 1, 10}, {2000000, 0, 1, 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double epsilon = (double)rows[i].epsilon_micro / 1e6, most = 0;
		struct audit audit;
		take_samples(&audit, &rows[i], see_cells);
		for (int e = 0; e < EVENTS; e++)
			most = fmax(most, epsilon_bound(&audit, e));
		print_message("# epsilon %.1f: at least %.4f, of %.0f samples\n", epsilon, most,
			      audit.n[0]);
		assert_true(audit.n[0] >= 1e6 && audit.n[1] >= 1e6);
		assert_true(most <= epsilon);
		assert_true(most >= 0.95 * epsilon);
	}
}

/* A client-day in ten cells, as it may be; with Gaussian noise up to its delta. */
static void test_ten_cells(void **state)
{
	static const struct promised rows[] = {{1000000, 0, JOINT, 30},
					       {1000000, 1000000, JOINT, 20}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct audit audit;
		double most = 0;
		take_samples(&audit, &rows[i], see_vectors);
		for (int e = 1; e <= JOINT; e++)
			most = fmax(most, epsilon_bound(&audit, e));
		print_message("# ten cells: at least %.4f, of %.0f samples\n", most, audit.n[0]);
		assert_true(most <= 1);
		assert_true(most > 0.1); /* the audit sees something */
	}
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
