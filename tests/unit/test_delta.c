/*
 * What Gaussian noise promises, held against two other ways to it: the definition, summed in
 * decimal arithmetic of forty digits, and the noise of each count for itself, all of them
 * enumerated.
 */
#include <math.h>

#include "unit.h"

#include "delta.h"
#include "law.h"

static void test_known(void **state)
{
	static const struct {
		uint64_t variance_micro, epsilon_micro;
		unsigned ones;
		double delta;
	} rows[] = {
	    {1000000, 1000000, 1, 1.413513394056219e-01},
	    {20000000, 1000000, 1, 3.042439040928489e-07},
	    {3000000, 2000000, 2, 4.310141518303954e-03},
	    {2500000, 1000000, 3, 1.570669816159442e-01},
	    {60000000, 1000000, 4, 5.229637993612590e-06},
	    {180000000, 1000000, 10, 9.151843879325030e-07},
	    {500000, 5000000, 1, 6.025970282042431e-05},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double delta =
		    delta_of(rows[i].variance_micro, rows[i].ones, rows[i].epsilon_micro);
		if (fabs(delta / rows[i].delta - 1) > 1e-10)
			fail_msg("row %zu: %.15e", i, delta);
	}
}

/* Three counts, each with its own noise, and a client-day in all of them or in fewer. */
static double enumerated(double variance, double epsilon, int ones)
{
	enum { REACH = 14 };
	double p[2 * REACH + 1], all = 0, delta = 0;

	for (int y = -REACH; y <= REACH; y++)
		all += p[y + REACH] = exp(-y * y / (2 * variance));
	for (int a = -REACH; a <= REACH; a++)
		for (int b = -REACH; b <= REACH; b++)
			for (int c = -REACH; c <= REACH; c++) {
				int sum = a + (ones > 1 ? b : 0) + (ones > 2 ? c : 0);
				double loss = (2 * sum + ones) / (2 * variance);
				if (loss > epsilon)
					delta -= p[a + REACH] * p[b + REACH] * p[c + REACH] *
						 expm1(epsilon - loss);
			}
	return delta / (all * all * all);
}

static void test_enumerated(void **state)
{
	(void)state;
	for (unsigned ones = 1; ones <= 3; ones++) {
		double most = 0;
		for (unsigned n = 1; n <= ones; n++)
			most = fmax(most, enumerated(1.5, 1.2, (int)n));
		assert_true(fabs(delta_of(1500000, ones, 1200000) / most - 1) < 1e-10);
	}
}

/* From a variance of 8 on the sum's law is the normal one on the integers: no step there. */
static void test_no_step(void **state)
{
	(void)state;
	for (unsigned ones = 1; ones <= DELTA_ONES_MAX; ones++) {
		double below = delta_of(7999999, ones, MICRO),
		       above = delta_of(8000000, ones, MICRO);
		assert_true(above < below && above > below * (1 - 1e-5));
	}
}

/* The least variance that keeps the promise, whatever is promised. */
static void test_wanted(void **state)
{
	static const uint64_t epsilons[] = {100000, 500000, 1000000, 2000000, 10000000};
	static const uint64_t deltas[] = {1, 1000, 1000000};
	uint64_t variance;

	(void)state;
	for (size_t e = 0; e < 5; e++)
		for (size_t d = 0; d < 3; d++)
			for (unsigned ones = 1; ones <= DELTA_ONES_MAX; ones += 3) {
				double delta = (double)deltas[d] / PICO;
				assert_int_equal(
				    delta_variance(&variance, ones, epsilons[e], deltas[d]), ST_OK);
				assert_true(delta_of(variance, ones, epsilons[e]) <= delta);
				assert_true(delta_of(variance * 995 / 1000, ones, epsilons[e]) >
					    delta);
			}
	assert_int_equal(delta_variance(&variance, 0, MICRO, 1), ST_CONFIG);
	assert_int_equal(delta_variance(&variance, 11, MICRO, 1), ST_CONFIG);
	assert_int_equal(delta_variance(&variance, 1, MICRO, 0), ST_CONFIG);
	assert_int_equal(delta_variance(&variance, 1, 100, 1), ST_CONFIG); /* sigma beyond 1024 */
}

/* A metric's law: shorter tails than Laplace's where ten cells may count, not where one does. */
static void test_law(void **state)
{
	struct measure measure = {.mechanism = MECHANISM_LAPLACE,
				  .epsilon = MICRO,
				  .cells_per_client = 10,
				  .per_cell = 1};
	struct law laplace, gaussian, again;

	(void)state;
	assert_int_equal(law_of(&laplace, &measure), ST_OK);
	assert_int_equal(law_95(&laplace), 30);
	assert_true(law_variance_micro(&laplace) == 0);
	measure.noise = NOISE_GAUSSIAN;
	assert_int_equal(law_of(&gaussian, &measure), ST_CONFIG); /* without a delta */
	measure.delta = 1000000;
	assert_int_equal(law_of(&gaussian, &measure), ST_OK);
	assert_int_equal(law_95(&gaussian), 26);
	assert_true(law_variance(&gaussian) < law_variance(&laplace));
	assert_int_equal(law_gaussian(&again, law_variance_micro(&gaussian)), ST_OK);
	assert_memory_equal(&again.measure, &gaussian.measure, sizeof(again.measure));
	measure.cells_per_client = 1;
	assert_int_equal(law_of(&gaussian, &measure), ST_OK);
	assert_true(law_95(&gaussian) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),   cmocka_unit_test(test_enumerated),
	    cmocka_unit_test(test_no_step), cmocka_unit_test(test_wanted),
	    cmocka_unit_test(test_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
