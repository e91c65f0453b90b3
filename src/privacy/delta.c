/*
 * delta - sums over the integers: what is left out and rounded is below 1e-10 of the least
 * delta there is, and a margin of 1e-9 is kept.
 *
 * P(T = t) is e^(-t^2 / 2 ones s) times a factor that depends on t modulo `ones` alone (what is
 * summed over is a lattice, shifted). By Poisson summation the factor is the same for all t to
 * within e^(-pi^2 s) from a variance of 8 on (e^-78), and so is their sum; below that T's law is
 * summed up directly.
 */
#include "delta.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "noise.h"

#define SMOOTH 8.0L /* variance from which the factor is one */
#define REACH 14.0L /* sigmas; beyond them e^-98 */
#define SPAN 35	    /* of one count below SMOOTH: more than REACH times sqrt(8) */
#define MARGIN (1 - 1e-9)

/* P(T = t) as a function of t in -span..span, up to a factor; all: the sum of it. */
struct sum {
	unsigned ones;
	double variance, all;
	long span;
	double p[2 * DELTA_ONES_MAX * SPAN + 1]; /* below SMOOTH only */
};

static double weight(const struct sum *sum, long t)
{
	if (sum->variance >= SMOOTH)
		return exp(-(double)(t * t) / (2 * sum->ones * sum->variance));
	return sum->p[t + sum->span];
}

/* One more count in T. */
static void convolve(struct sum *sum)
{
	struct sum more = {.span = sum->span + SPAN};

	for (long t = -sum->span; t <= sum->span; t++)
		for (long y = -SPAN; y <= SPAN; y++)
			more.p[t + y + more.span] +=
			    sum->p[t + sum->span] * exp(-(double)(y * y) / (2 * sum->variance));
	memcpy(sum->p, more.p, sizeof(sum->p));
	sum->span = more.span;
}

static void add_one(struct sum *sum)
{
	sum->ones++;
	if (sum->variance >= SMOOTH) {
		sum->span = (long)(REACH * sqrt(sum->ones * sum->variance)) + 1;
		sum->all = sqrt(2 * M_PI * sum->ones * sum->variance);
		return;
	}
	convolve(sum);
	sum->all = 0;
	for (long t = -sum->span; t <= sum->span; t++)
		sum->all += weight(sum, t);
}

static double delta_at(const struct sum *sum, double epsilon)
{
	double delta = 0;

	for (long t = sum->span; t >= -sum->span; t--) {
		double loss = (double)(2 * t + (long)sum->ones) / (2 * sum->variance);
		if (loss <= epsilon)
			break;
		delta -= weight(sum, t) * expm1(epsilon - loss);
	}
	return delta / sum->all;
}

double delta_of(uint64_t variance_micro, unsigned ones, uint64_t epsilon_micro)
{
	struct sum sum = {.variance = (double)variance_micro / MICRO, .p = {1}};
	double worst = 0, epsilon = (double)epsilon_micro / MICRO;

	while (sum.ones < ones) {
		add_one(&sum);
		worst = fmax(worst, delta_at(&sum, epsilon));
	}
	return worst;
}

enum status delta_variance(uint64_t *variance_micro, unsigned ones, uint64_t epsilon_micro,
			   uint64_t delta_pico)
{
	uint64_t low = 0, high = (uint64_t)MICRO / 100;
	double wanted = MARGIN * (double)delta_pico / PICO;

	if (!ones || ones > DELTA_ONES_MAX || !epsilon_micro || !delta_pico)
		return ST_CONFIG;
	while (delta_of(high, ones, epsilon_micro) > wanted) {
		low = high;
		high *= 2;
		if (high > (uint64_t)NOISE_SIGMA_MAX * NOISE_SIGMA_MAX * MICRO)
			return ST_CONFIG;
	}
	while (high - low > high / 1000 + 1) { /* high is always one that keeps the promise */
		uint64_t middle = low + (high - low) / 2;
		if (delta_of(middle, ones, epsilon_micro) > wanted)
			low = middle;
		else
			high = middle;
	}
	*variance_micro = high;
	return ST_OK;
}
