/*
 * krr - the draw and its inverse.
 */
#include "krr.h"

#include <math.h>

#include "chance.h"
#include "noise.h"

uint32_t krr_draw(struct entropy *entropy, uint32_t truth, uint32_t k, uint64_t epsilon_micro)
{
	while (entropy_ok(entropy)) {
		uint32_t value = (uint32_t)entropy_below(entropy, k);
		if (value == truth || chance_exp(entropy, epsilon_micro, MICRO))
			return value;
	}
	return 0;
}

struct krr_rates krr_rates(uint32_t k, uint64_t epsilon_micro)
{
	double e = exp((double)epsilon_micro / MICRO), all = e + k - 1;

	return (struct krr_rates){e / all, 1 / all};
}

/*
 * Var = [n_v p(1-p) + (n - n_v) q(1-q)] / (p-q)^2 of the responses; of the noise, which is
 * in n as well as in c_v: s^2 [(1-q)^2 + (k-1) q^2] / (p-q)^2.
 */
void krr_estimate(struct estimate *out, const int64_t *counts, uint32_t k, uint64_t epsilon_micro,
		  double noise_variance)
{
	struct krr_rates r = krr_rates(k, epsilon_micro);
	double n = 0, gap = r.p - r.q;

	for (uint32_t v = 0; v < k; v++)
		n += (double)counts[v];
	for (uint32_t v = 0; v < k; v++) {
		double value = ((double)counts[v] - n * r.q) / gap;
		double all = fmax(n, 0), inside = fmin(fmax(value, 0), all);
		double spread = inside * r.p * (1 - r.p) + (all - inside) * r.q * (1 - r.q);
		double noise = (1 - r.q) * (1 - r.q) + (k - 1) * r.q * r.q;
		out[v].value = value;
		out[v].variance = (spread + noise_variance * noise) / (gap * gap);
	}
}
