/*
 * The laws of the samplers, exactly: every way that the code can go is walked, with the
 * probability of each choice, and what comes out is compared with the formula to ten
 * digits. The code is the product's own; only what it draws from is the test's.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "status.h"

#define TAMIS_PRIVACY_ENTROPY_H
#define TAMIS_PRIVACY_CHANCE_H
#define CHOICES 400
#define TINY 1e-19L

/* One walk: the choice at each point, and how many there were. */
struct entropy {
	uint64_t choice[CHOICES], of[CHOICES];
	size_t n, at;
	long double weight;
	unsigned rounds; /* of a loop that draws until it accepts: the second is the first again */
	jmp_buf abandoned; /* at the second round, or where next to no probability is left */
};

static uint64_t choose(struct entropy *e, uint64_t of)
{
	if (e->at == e->n) {
		assert_true(e->n < CHOICES);
		e->choice[e->n] = 0;
		e->of[e->n++] = of;
	}
	return e->choice[e->at++];
}

static void weigh(struct entropy *e, long double probability)
{
	e->weight *= probability;
	if (e->weight < TINY)
		longjmp(e->abandoned, 1);
}

static bool entropy_ok(const struct entropy *e)
{
	(void)e;
	return true;
}

static uint64_t entropy_below(struct entropy *e, uint64_t n)
{
	if (e->rounds++)
		longjmp(e->abandoned, 1);
	weigh(e, 1 / (long double)n);
	return choose(e, n);
}

/* Only its sign bit is asked for. */
static uint32_t entropy_u32(struct entropy *e)
{
	weigh(e, 0.5L);
	return (uint32_t)choose(e, 2);
}

typedef unsigned __int128 wide;

static bool chance_exp_wide(struct entropy *e, wide num, wide den)
{
	long double yes = expl(-(long double)num / (long double)den);
	bool answer = choose(e, 2);

	weigh(e, answer ? yes : 1 - yes);
	return answer;
}

static bool chance_exp(struct entropy *e, uint64_t num, uint64_t den)
{
	return chance_exp_wide(e, num, den);
}

static bool chance_exp_part(struct entropy *e, uint64_t num, uint64_t den)
{
	return chance_exp(e, num, den);
}

#include "krr.c"
#include "noise.c"

/* The next walk in order; false: all were walked. */
static bool next_walk(struct entropy *e)
{
	e->n = e->at;
	while (e->n > 0 && e->choice[e->n - 1] + 1 == e->of[e->n - 1])
		e->n--;
	if (e->n == 0)
		return false;
	e->choice[e->n - 1]++;
	return true;
}

#define SPAN 4000 /* values from -SPAN to SPAN are told apart */

struct law {
	long double all, p[2 * SPAN + 1];
};

typedef int64_t draw_fn(struct entropy *e, const void *what);

static void walk_all(struct law *law, draw_fn *draw, const void *what)
{
	static struct entropy e;

	memset(law, 0, sizeof(*law));
	memset(&e, 0, sizeof(e));
	do {
		e.at = 0;
		e.rounds = 0;
		e.weight = 1;
		if (!setjmp(e.abandoned)) {
			int64_t y = draw(&e, what);
			assert_true(y >= -SPAN && y <= SPAN);
			law->p[y + SPAN] += e.weight;
			law->all += e.weight;
		}
	} while (next_walk(&e));
	for (size_t i = 0; i <= 2 * SPAN; i++)
		law->p[i] /= law->all;
}

static int64_t draw_laplace(struct entropy *e, const void *what)
{
	return noise_laplace(e, *(const struct ratio *)what);
}

static void assert_near(long double a, long double b)
{
	if (fabsl(a - b) > 1e-10L * fmaxl(1, fabsl(b)))
		fail_msg("%.12Lf is not %.12Lf", a, b);
}

static uint64_t first_with_95(const struct law *law, bool two_sided)
{
	for (int m = 0; m <= SPAN; m++) {
		long double p = 0;
		for (int y = two_sided ? -m : -SPAN; y <= m; y++)
			p += law->p[y + SPAN];
		if (p >= 0.95L)
			return (uint64_t)m;
	}
	return 0;
}

/* The table of Canonne, Kamath, Steinke's law at the settings that deployments use. */
static void test_laplace(void **state)
{
	static const struct {
		uint64_t l1, epsilon_micro;
		long double zero, variance, size;
		uint64_t one_sided, two_sided;
	} rows[] = {
	    {1, 500000, 0.2449186624L, 7.8353961781L, 1.9190347513L, 5, 6},
	    {1, 1000000, 0.4621171573L, 1.8413471884L, 0.8509181282L, 2, 3},
	    {1, 2000000, 0.7615941560L, 0.3620308305L, 0.2757205648L, 1, 1},
	    {10, 1000000, 0.0499583750L, 199.8334166L, 9.9833527573L, 23, 30},
	    {100, 1000000, 0.0049999583L, 19999.83333L, 99.99833335L, 230, 300},
	};
	static struct law law;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ratio scale;
		long double variance = 0, size = 0;
		assert_int_equal(noise_scale(&scale, rows[i].l1, rows[i].epsilon_micro), ST_OK);
		walk_all(&law, draw_laplace, &scale);
		long double a = expl(-(long double)rows[i].epsilon_micro / MICRO / rows[i].l1);
		for (int y = -SPAN; y <= SPAN; y++) {
			assert_near(law.p[y + SPAN], (1 - a) / (1 + a) * powl(a, y < 0 ? -y : y));
			variance += law.p[y + SPAN] * y * y;
			size += law.p[y + SPAN] * (y < 0 ? -y : y);
		}
		assert_true(fabsl(law.p[SPAN] - rows[i].zero) < 1e-10L);
		assert_true(fabsl(variance / rows[i].variance - 1) < 1e-9L);
		assert_true(fabsl(size / rows[i].size - 1) < 1e-9L);
		assert_near(noise_laplace_variance(scale), variance);
		assert_int_equal(first_with_95(&law, false), rows[i].one_sided);
		assert_int_equal(first_with_95(&law, true), rows[i].two_sided);
		assert_int_equal(noise_laplace_95_one_sided(scale), rows[i].one_sided);
		assert_int_equal(noise_laplace_95(scale), rows[i].two_sided);
	}
}

static int64_t draw_gaussian(struct entropy *e, const void *what)
{
	return noise_gaussian(e, *(const struct ratio *)what);
}

/* Values by summing the definition in decimal arithmetic of forty digits. */
static void test_gaussian(void **state)
{
	static const struct {
		uint64_t variance_micro;
		long double zero, variance, size;
	} rows[] = {
	    {1000000, 0.398942278267L, 0.9999997888L, 0.7275819837L},
	    {20500000, 0.088111609681L, 20.5L, 3.5978547011L},
	    {100000000, 0.039894228040L, 100, 7.9721932415L},
	};
	static struct law law;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		long double s = (long double)rows[i].variance_micro / MICRO, variance = 0, size = 0;
		struct ratio r;
		assert_int_equal(noise_variance(&r, rows[i].variance_micro), ST_OK);
		walk_all(&law, draw_gaussian, &r);
		for (int y = -SPAN; y <= SPAN; y++) {
			assert_near(law.p[y + SPAN], rows[i].zero * expl(-y * y / (2 * s)));
			variance += law.p[y + SPAN] * y * y;
			size += law.p[y + SPAN] * (y < 0 ? -y : y);
		}
		assert_true(fabsl(variance / rows[i].variance - 1) < 1e-9L);
		assert_true(fabsl(size / rows[i].size - 1) < 1e-9L);
		assert_int_equal(noise_gaussian_95(r), first_with_95(&law, true));
	}
}

struct question {
	uint32_t truth, k;
	uint64_t epsilon_micro;
};

static int64_t draw_response(struct entropy *e, const void *what)
{
	const struct question *q = what;

	return krr_draw(e, q->truth, q->k, q->epsilon_micro);
}

static void test_response(void **state)
{
	static struct law law;
	struct krr_rates r = krr_rates(20, 2 * MICRO);

	(void)state;
	for (uint32_t truth = 0; truth < 20; truth += 19) {
		struct question q = {truth, 20, 2 * MICRO};
		walk_all(&law, draw_response, &q);
		for (uint32_t v = 0; v < 20; v++)
			assert_near(law.p[v + SPAN], v == truth ? r.p : r.q);
	}
	assert_true(fabs(r.p - 0.2800045622) < 1e-10);
	assert_true(fabs(r.q - 0.0378944967) < 1e-10);
}

/* What the estimate makes of counts that are exactly as expected, and of its variance. */
static void test_estimate(void **state)
{
	struct krr_rates r = krr_rates(20, 2 * MICRO);
	struct estimate out[20];
	int64_t counts[20];

	(void)state;
	for (int v = 0; v < 20; v++)
		counts[v] = llround(1e9 * (v == 7 ? r.p : r.q));
	krr_estimate(out, counts, 20, 2 * MICRO, 0);
	for (int v = 0; v < 20; v++)
		assert_true(fabs(out[v].value - (v == 7 ? 1e9 : 0)) < 50);
	assert_true(fabs(out[0].variance / 1e9 - 0.621975) < 1e-6);
	krr_estimate(out, (const int64_t[20]){-5}, 20, 2 * MICRO, 1.84);
	assert_true(out[0].value < 0); /* kept until it is shown */
	assert_true(out[0].variance > 1.84);
}

static void test_settings(void **state)
{
	struct ratio r;

	(void)state;
	assert_int_equal(noise_scale(&r, 0, MICRO), ST_CONFIG);
	assert_int_equal(noise_scale(&r, 1, 0), ST_CONFIG);
	assert_int_equal(noise_scale(&r, MICRO + 1, MICRO), ST_CONFIG);
	assert_int_equal(noise_scale(&r, 10, 500000), ST_OK);
	assert_true(r.num == 20 && r.den == 1);
	assert_int_equal(noise_variance(&r, 2500000), ST_OK);
	assert_true(r.num == 5 && r.den == 2);
	assert_int_equal(noise_variance(&r, (uint64_t)1 << 50), ST_CONFIG);
	assert_int_equal(noise_variance(&r, 0), ST_CONFIG);
	assert_int_equal(noise_gaussian_95((struct ratio){100, 1}), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_laplace),  cmocka_unit_test(test_gaussian),
	    cmocka_unit_test(test_response), cmocka_unit_test(test_estimate),
	    cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
