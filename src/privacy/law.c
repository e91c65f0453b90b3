/*
 * law - see law.h.
 */
#include "law.h"

#include "delta.h"
#include "domain.h"

uint64_t law_sensitivity(const struct measure *measure)
{
	uint64_t answers = domain_is_split(measure) ? measure->dimensions.n : 1;

	return measure->cells_per_client * measure->per_cell * answers;
}

enum status law_laplace(struct law *law, uint64_t sensitivity, uint64_t epsilon_micro)
{
	law->gaussian = false;
	return noise_scale(&law->measure, sensitivity, epsilon_micro);
}

enum status law_gaussian(struct law *law, uint64_t variance_micro)
{
	law->gaussian = true;
	return noise_variance(&law->measure, variance_micro);
}

/* With Gaussian noise each count moves by one at most (check.c), so the sum is their number. */
enum status law_of(struct law *law, const struct measure *measure)
{
	uint64_t moves = law_sensitivity(measure), variance;
	enum status status;

	if (measure->noise == NOISE_LAPLACE)
		return law_laplace(law, moves, measure->epsilon);
	status = delta_variance(&variance, (unsigned)moves, measure->epsilon, measure->delta);
	return status == ST_OK ? law_gaussian(law, variance) : status;
}

int64_t law_draw(struct entropy *entropy, const struct law *law)
{
	return law->gaussian ? noise_gaussian(entropy, law->measure)
			     : noise_laplace(entropy, law->measure);
}

double law_variance(const struct law *law)
{
	return law->gaussian ? (double)law->measure.num / (double)law->measure.den
			     : noise_laplace_variance(law->measure);
}

uint64_t law_95(const struct law *law)
{
	return law->gaussian ? noise_gaussian_95(law->measure) : noise_laplace_95(law->measure);
}

uint64_t law_variance_micro(const struct law *law)
{
	return law->gaussian ? law->measure.num * (MICRO / law->measure.den) : 0;
}
