/*
 * noise - the samplers, and what is known of their laws.
 */
#include "noise.h"

#include <math.h>

#include "chance.h"

static struct ratio lowest_terms(uint64_t num, uint64_t den)
{
	uint64_t a = num, b = den;

	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return (struct ratio){num / a, den / a};
}

enum status noise_scale(struct ratio *scale, uint64_t l1, uint64_t epsilon_micro)
{
	if (!l1 || l1 > MICRO || !epsilon_micro || epsilon_micro > 1000ull * MICRO)
		return ST_CONFIG;
	*scale = lowest_terms(l1 * MICRO, epsilon_micro);
	return ST_OK;
}

enum status noise_variance(struct ratio *variance, uint64_t variance_micro)
{
	if (!variance_micro || variance_micro > (uint64_t)NOISE_SIGMA_MAX * NOISE_SIGMA_MAX * MICRO)
		return ST_CONFIG;
	*variance = lowest_terms(variance_micro, MICRO);
	return ST_OK;
}

/* Successes of exp(-1) in a row: the whole part of the exponential law. */
static uint64_t whole_part(struct entropy *entropy)
{
	uint64_t v = 0;

	while (chance_exp_part(entropy, 1, 1) && entropy_ok(entropy))
		v++;
	return v;
}

int64_t noise_laplace(struct entropy *entropy, struct ratio scale)
{
	while (entropy_ok(entropy)) {
		uint64_t u = entropy_below(entropy, scale.num);
		if (!chance_exp_part(entropy, u, scale.num))
			continue;
		uint64_t y = (u + scale.num * whole_part(entropy)) / scale.den;
		bool negative = entropy_u32(entropy) & 1;
		if (negative && y == 0) /* zero would come twice */
			continue;
		return negative ? -(int64_t)y : (int64_t)y;
	}
	return 0;
}

static uint64_t square_root(uint64_t n)
{
	uint64_t root = (uint64_t)sqrt((double)n);

	while (root * root > n)
		root--;
	while ((root + 1) * (root + 1) <= n)
		root++;
	return root;
}

/*
 * Proposals from a Laplace law of scale t, kept with exp(-(|y| - s/t)^2 / 2s) for the
 * variance s = num/den; with everything over one denominator that is the exponent
 * (|y| t den - num)^2 / (2 num t^2 den). |y| beyond 2^24 has no probability to speak of
 * (e^-16000) and would not fit.
 */
int64_t noise_gaussian(struct entropy *entropy, struct ratio variance)
{
	uint64_t t = square_root(variance.num / variance.den) + 1;
	wide den = (wide)2 * variance.num * t * t * variance.den;

	while (entropy_ok(entropy)) {
		int64_t y = noise_laplace(entropy, (struct ratio){t, 1});
		uint64_t size = (uint64_t)(y < 0 ? -y : y);
		if (size >> 24)
			continue;
		wide a = (wide)size * t * variance.den, b = variance.num;
		wide distance = a > b ? a - b : b - a;
		if (chance_exp_wide(entropy, distance * distance, den))
			return y;
	}
	return 0;
}

/* Of P(|Y| > m) = 2 e^(-(m+1)/scale) / (1 + e^(-1/scale)). */
static uint64_t laplace_quantile(struct ratio scale, double sides)
{
	double step = (double)scale.den / (double)scale.num;
	double m = -log(0.05 * (1 + exp(-step)) / sides) / step - 1;

	return m <= 0 ? 0 : (uint64_t)ceil(m);
}

uint64_t noise_laplace_95(struct ratio scale)
{
	return laplace_quantile(scale, 2);
}

uint64_t noise_laplace_95_one_sided(struct ratio scale)
{
	return laplace_quantile(scale, 1);
}

double noise_laplace_variance(struct ratio scale)
{
	double a = exp(-(double)scale.den / (double)scale.num);

	return 2 * a / ((1 - a) * (1 - a));
}

uint64_t noise_gaussian_95(struct ratio variance)
{
	double s = (double)variance.num / (double)variance.den, all = 1, inside = 1;
	uint64_t m = 0, far = (uint64_t)(12 * sqrt(s)) + 12;

	for (uint64_t x = 1; x <= far; x++)
		all += 2 * exp(-(double)(x * x) / (2 * s));
	while (inside < 0.95 * all) {
		m++;
		inside += 2 * exp(-(double)(m * m) / (2 * s));
	}
	return m;
}
