/*
 * The samplers over the real source, without a seed. Each check fails by chance with
 * probability 1e-9: Dvoretzky-Kiefer-Wolfowitz for a whole law, the exact Chernoff form
 * for one probability. And what happens after a fork, and when the kernel gives nothing.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "chance.h"
#include "krr.h"
#include "noise.h"

#define DRAWS 1000000
#define DKW 0.003272	/* 2 exp(-2 n d^2) = 1e-9 at a million */
#define CHERNOFF 21.416 /* 2 exp(-n KL) = 1e-9 */
#define SPAN 5000

static bool dry; /* the kernel has no randomness */

ssize_t __real_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags)
{
	if (!dry)
		return __real_getrandom(bytes, n, flags);
	errno = ENOSYS;
	return -1;
}

static struct entropy *open_entropy(void)
{
	struct entropy *entropy;

	assert_int_equal(entropy_open(&entropy), ST_OK);
	return entropy;
}

static double kl_part(double a, double b)
{
	return a > 0 ? a * log(a / b) : 0;
}

static void assert_probability(uint64_t hits, uint64_t n, double p)
{
	double seen = (double)hits / (double)n;
	double distance = kl_part(seen, p) + kl_part(1 - seen, 1 - p);

	if ((double)n * distance > CHERNOFF)
		fail_msg("%.6f seen, %.6f told", seen, p);
}

/* weight(x): proportional to the probability of x. */
static void assert_law(const uint64_t *counts, double (*weight)(int x, double s), double s)
{
	double all = 0, told = 0, seen = 0, most = 0;

	for (int x = -SPAN; x <= SPAN; x++)
		all += weight(x, s);
	for (int x = -SPAN; x <= SPAN; x++) {
		told += weight(x, s) / all;
		seen += (double)counts[x + SPAN] / DRAWS;
		most = fmax(most, fabs(told - seen));
	}
	if (most > DKW)
		fail_msg("a distance of %.6f", most);
}

static double laplace(int x, double s)
{
	return exp(-abs(x) / s);
}

static double gaussian(int x, double s)
{
	return exp(-(double)x * x / (2 * s));
}

static void test_laplace(void **state)
{
	static const uint64_t settings[][2] = {{1, 500000},   {1, 1000000},   {1, 2000000},
					       {10, 1000000}, {100, 1000000}, {7, 3141593}};
	struct entropy *entropy = open_entropy();
	static uint64_t counts[2 * SPAN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct ratio scale;
		uint64_t negative = 0, sided = 0;
		assert_int_equal(noise_scale(&scale, settings[i][0], settings[i][1]), ST_OK);
		memset(counts, 0, sizeof(counts));
		for (int n = 0; n < DRAWS; n++) {
			int64_t y = noise_laplace(entropy, scale);
			assert_true(y >= -SPAN && y <= SPAN);
			counts[y + SPAN]++;
			negative += y < 0;
			sided += y != 0;
		}
		double s = (double)scale.num / (double)scale.den;
		assert_law(counts, laplace, s);
		assert_probability(negative, sided, 0.5);
		assert_probability(counts[SPAN], DRAWS, tanh(1 / s / 2));
	}
	entropy_close(entropy);
}

static void test_gaussian(void **state)
{
	static const uint64_t settings[] = {1000000, 100000000, 1500026, 125000};
	struct entropy *entropy = open_entropy();
	static uint64_t counts[2 * SPAN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct ratio variance;
		assert_int_equal(noise_variance(&variance, settings[i]), ST_OK);
		memset(counts, 0, sizeof(counts));
		for (int n = 0; n < DRAWS; n++)
			counts[noise_gaussian(entropy, variance) + SPAN]++;
		assert_law(counts, gaussian, (double)variance.num / (double)variance.den);
	}
	entropy_close(entropy);
}

static void test_chance(void **state)
{
	static const uint64_t of[][2] = {
	    {0, 1}, {1, 1},  {1, 3},   {1, 1000000007},
	    {3, 4}, {17, 4}, {99, 98}, {8796093022208, 17592186044415}};
	struct entropy *entropy = open_entropy();

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		uint64_t hits = 0;
		for (int n = 0; n < DRAWS; n++)
			hits += chance_exp(entropy, of[i][0], of[i][1]);
		if (of[i][0] == 0)
			assert_int_equal(hits, DRAWS);
		else
			assert_probability(hits, DRAWS, exp(-(double)of[i][0] / (double)of[i][1]));
	}
	entropy_close(entropy);
}

/* Ranges that a remainder, or a product without redrawing, would fill unevenly. */
static void test_uniform(void **state)
{
	static const uint64_t ranges[] = {3ull << 30, 3ull << 62, 5, 1ull << 32, (1ull << 32) - 1};
	struct entropy *entropy = open_entropy();

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		uint64_t n = ranges[i], third = n / 3, low = 0, odd = 0, threes = 0;
		for (int k = 0; k < DRAWS; k++) {
			uint64_t v = entropy_below(entropy, n);
			assert_true(v < n);
			low += v < third;
			odd += v & 1;
			threes += v % 3 == 0;
		}
		assert_probability(low, DRAWS, (double)third / (double)n);
		assert_probability(odd, DRAWS, (double)(n / 2) / (double)n);
		assert_probability(threes, DRAWS, (double)((n - 1) / 3 + 1) / (double)n);
	}
	entropy_close(entropy);
}

static void test_response(void **state)
{
	struct krr_rates r = krr_rates(20, 2 * MICRO);
	struct entropy *entropy = open_entropy();
	uint64_t counts[20] = {0};

	(void)state;
	for (int n = 0; n < DRAWS; n++)
		counts[krr_draw(entropy, 4, 20, 2 * MICRO)]++;
	for (uint32_t v = 0; v < 20; v++)
		assert_probability(counts[v], DRAWS, v == 4 ? r.p : r.q);
	entropy_close(entropy);
}

/* Neither what is left on the page nor what comes after it is shared with a child. */
static void test_fork(void **state)
{
	struct entropy *entropy = open_entropy();
	uint64_t *drawn =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum { PROCESSES = 4, EACH = 64 };

	(void)state;
	assert_true(drawn != MAP_FAILED);
	(void)entropy_u64(entropy);
	for (int p = 1; p < PROCESSES; p++) {
		if (fork() == 0) {
			for (int i = 0; i < EACH; i++)
				drawn[p * EACH + i] = entropy_u64(entropy);
			_exit(0);
		}
	}
	for (int i = 0; i < EACH; i++)
		drawn[i] = entropy_u64(entropy);
	for (int p = 1; p < PROCESSES; p++)
		wait(NULL);
	for (int i = 0; i < PROCESSES * EACH; i++)
		for (int k = 0; k < i; k++)
			assert_true(drawn[i] != drawn[k]);
	munmap(drawn, 4096);
	entropy_close(entropy);
}

/* Every draw comes to an end, and what it gave is known to be worthless. */
static void test_dry(void **state)
{
	struct entropy *entropy = open_entropy(), *none;

	(void)state;
	dry = true;
	assert_int_equal(entropy_open(&none), ST_IO);
	assert_null(none);
	while (entropy_ok(entropy))
		(void)entropy_u32(entropy);
	assert_int_equal(noise_laplace(entropy, (struct ratio){10, 1}), 0);
	assert_int_equal(noise_gaussian(entropy, (struct ratio){10, 1}), 0);
	assert_int_equal(krr_draw(entropy, 3, 20, MICRO), 0);
	assert_true(entropy_below(entropy, 3ull << 30) < 3ull << 30);
	(void)chance_exp(entropy, 7, 2);
	dry = false;
	entropy_refill(entropy);
	assert_false(entropy_ok(entropy)); /* it stays so */
	entropy_close(entropy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_laplace),  cmocka_unit_test(test_gaussian),
	    cmocka_unit_test(test_chance),   cmocka_unit_test(test_uniform),
	    cmocka_unit_test(test_response), cmocka_unit_test(test_fork),
	    cmocka_unit_test(test_dry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
