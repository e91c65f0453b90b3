/*
 * delta - what a Gaussian release promises: delta for an epsilon, exactly, and the variance
 * that a promise wants.
 *
 * One client-day adds one to each of at most `ones` counts. Of those the noise's sum alone
 * tells, T, of so many independent discrete Gaussians: the loss is (2T + ones) / 2s for the
 * variance s, and delta the sum of P(T) max(0, 1 - e^(epsilon - loss)) (Canonne, Kamath, Steinke
 * 2020, theorem 7; for one count their formula). Which is worst is looked up, up to `ones`.
 */
#ifndef TAMIS_PRIVACY_DELTA_H
#define TAMIS_PRIVACY_DELTA_H

#include <stdint.h>

#include "status.h"

#define DELTA_ONES_MAX 10
#define PICO 1000000000000u /* delta is told in these parts of 1 */

/* The largest delta of a client-day that is in 1..ones counts; variance in millionths. */
double delta_of(uint64_t variance_micro, unsigned ones, uint64_t epsilon_micro);

/*
 * The least variance (within 0.1 %) whose delta is not above delta_pico / 10^12. ST_CONFIG: zero,
 * more ones than DELTA_ONES_MAX, or a sigma beyond NOISE_SIGMA_MAX.
 */
MUST_CHECK enum status delta_variance(uint64_t *variance_micro, unsigned ones,
				      uint64_t epsilon_micro, uint64_t delta_pico);

#endif
