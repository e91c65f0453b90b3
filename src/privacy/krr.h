/*
 * krr - k-ary randomised response: a report that is the truth only sometimes, and
 * what the counts of many such reports say (Kairouz, Oh, Viswanath 2014).
 *
 * With p = e^epsilon / (e^epsilon + k - 1) the report is the truth, with
 * q = 1 / (e^epsilon + k - 1) each other value.
 */
#ifndef TAMIS_PRIVACY_KRR_H
#define TAMIS_PRIVACY_KRR_H

#include "entropy.h"
#include "estimate.h"

/* The value to report instead of `truth`, of k > 1 values; exact, without e^epsilon. */
uint32_t krr_draw(struct entropy *entropy, uint32_t truth, uint32_t k, uint64_t epsilon_micro);

struct krr_rates {
	double p, q;
};
struct krr_rates krr_rates(uint32_t k, uint64_t epsilon_micro);

/*
 * Estimate how many of the reports had each value in truth, once, from the noisy raw
 * counts c[0..k): (c_v - n q) / (p - q) with n their sum. noise_variance: of each count.
 */
void krr_estimate(struct estimate *out, const int64_t *counts, uint32_t k, uint64_t epsilon_micro,
		  double noise_variance);

#endif
