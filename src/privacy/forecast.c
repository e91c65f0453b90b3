/*
 * forecast - the formulas of krr.h and noise.h, for numbers that are not there yet.
 */
#include "forecast.h"

#include <math.h>

#include "domain.h"
#include "krr.h"
#include "law.h"

#define NORMAL_95 1.959964
#define PRECISION 0.1
#define REPORTS_MAX 1e12

/* Cells that share one report: all of them, or one dimension's of a split domain. */
struct shape {
	size_t cells; /* of the first block */
	uint64_t epsilon;
	struct law law;
};

static struct shape shape_of(const struct measure *measure)
{
	bool split = domain_is_split(measure);
	struct shape shape = {
	    .cells = split ? measure->dimensions.items[0].values.n : domain_cells(measure),
	    .epsilon = measure->client_epsilon / (split ? measure->dimensions.n : 1),
	};

	if (law_of(&shape.law, measure) != ST_OK)
		shape.law = (struct law){.measure = {1, 1}}; /* lint does not let it come so far */
	return shape;
}

/* Of a cell with `inside` of `reports` in it. */
static double halfwidth(const struct measure *measure, const struct shape *shape, double inside,
			double reports)
{
	double noise = law_variance(&shape->law);

	if (measure->mechanism == MECHANISM_LAPLACE)
		return (double)law_95(&shape->law);
	struct krr_rates r = krr_rates((uint32_t)shape->cells, shape->epsilon);
	double gap = r.p - r.q, k = (double)shape->cells;
	double variance = inside * r.p * (1 - r.p) + (reports - inside) * r.q * (1 - r.q) +
			  noise * ((1 - r.q) * (1 - r.q) + (k - 1) * r.q * r.q);
	return NORMAL_95 * sqrt(variance) / gap;
}

void forecast_make(struct forecast *out, const struct measure *measure, double reports)
{
	struct shape shape = shape_of(measure);
	double share = 1 / (double)shape.cells;

	out->cells = domain_cells(measure);
	out->sensitivity = (double)law_sensitivity(measure);
	out->empty = halfwidth(measure, &shape, 0, reports);
	out->even = halfwidth(measure, &shape, reports * share, reports);
	double low = 1, high = REPORTS_MAX; /* the halfwidth grows more slowly than the reports */
	for (int i = 0; i < 80; i++) {
		double middle = (low + high) / 2, inside = middle * share;
		if (halfwidth(measure, &shape, inside, middle) > PRECISION * inside)
			low = middle;
		else
			high = middle;
	}
	out->needed = high;
}
