/*
 * law - which noise a release has: discrete Laplace, whose measure is the bound's sum and
 * epsilon, or discrete Gaussian, whose measure is its variance (delta.h).
 */
#ifndef TAMIS_PRIVACY_LAW_H
#define TAMIS_PRIVACY_LAW_H

#include "noise.h"
#include "registry.h"

struct law {
	bool gaussian;
	struct ratio measure; /* the scale, or the variance */
};

/* By how much one client-day moves the counts together: L0 x Linf, times the answers it gives. */
uint64_t law_sensitivity(const struct measure *measure);

/* What the registry says of it. ST_CONFIG: that cannot be drawn. */
MUST_CHECK enum status law_of(struct law *law, const struct measure *measure);
MUST_CHECK enum status law_laplace(struct law *law, uint64_t sensitivity, uint64_t epsilon_micro);
MUST_CHECK enum status law_gaussian(struct law *law, uint64_t variance_micro);

int64_t law_draw(struct entropy *entropy, const struct law *law);
/* Not below the noise's. */
double law_variance(const struct law *law);
/* The smallest m with P(|noise| <= m) >= 95 %. */
uint64_t law_95(const struct law *law);
/* In millionths; 0: Laplace. */
uint64_t law_variance_micro(const struct law *law);

#endif
