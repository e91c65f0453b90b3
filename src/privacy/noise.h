/*
 * noise - integers drawn from exactly the laws that the privacy proofs speak of.
 *
 * Discrete Laplace and discrete Gaussian after Canonne, Kamath, Steinke 2020 ("The
 * discrete Gaussian for differential privacy"), in integers throughout: what floating
 * point would round away is what Mironov 2012 reads the true value from.
 */
#ifndef TAMIS_PRIVACY_NOISE_H
#define TAMIS_PRIVACY_NOISE_H

#include "entropy.h"

#define MICRO 1000000u /* epsilon is told in millionths */

/* A positive fraction in lowest terms. */
struct ratio {
	uint64_t num, den;
};

/*
 * Scale of the Laplace law for sensitivity l1 and epsilon: l1 / epsilon.
 * ST_CONFIG: zero, or beyond what is exact (l1 <= 10^6, 1 <= epsilon <= 10^9 millionths).
 */
MUST_CHECK enum status noise_scale(struct ratio *scale, uint64_t l1, uint64_t epsilon_micro);
/* A variance of the Gaussian law, in millionths. ST_CONFIG: zero, or beyond what is exact. */
#define NOISE_SIGMA_MAX 1024
MUST_CHECK enum status noise_variance(struct ratio *variance, uint64_t variance_micro);

/* P(x) proportional to exp(-|x| / scale). With a failed source the value means nothing. */
int64_t noise_laplace(struct entropy *entropy, struct ratio scale);
/* P(x) proportional to exp(-x^2 / (2 variance)). */
int64_t noise_gaussian(struct entropy *entropy, struct ratio variance);

/* The smallest m with P(|noise| <= m) >= 95 %, and with P(noise <= m) >= 95 %. */
uint64_t noise_laplace_95(struct ratio scale);
uint64_t noise_laplace_95_one_sided(struct ratio scale);
uint64_t noise_gaussian_95(struct ratio variance);
double noise_laplace_variance(struct ratio scale);

#endif
