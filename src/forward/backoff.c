/*
 * backoff - exponential waits; see the header for the formula.
 */
#include "backoff.h"

#include <sys/random.h>

/* Uniform in 0..most, without the cost of exactness: most is far below 2^53. */
static int64_t uniform(int64_t most, uint64_t random)
{
	return (int64_t)(random % ((uint64_t)most + 1));
}

int64_t backoff_ceiling_us(unsigned failures, int64_t base_us, int64_t cap_us)
{
	int64_t ceiling = base_us;

	while (failures > 1 && ceiling < cap_us) {
		ceiling *= 2;
		failures--;
	}
	return ceiling < cap_us ? ceiling : cap_us;
}

int64_t backoff_us(unsigned failures, int64_t base_us, int64_t cap_us, uint64_t random)
{
	return uniform(backoff_ceiling_us(failures, base_us, cap_us), random);
}

int64_t backoff_asked_us(int64_t wait_us, int64_t retry_after_s, uint64_t random)
{
	int64_t asked;

	if (retry_after_s <= 0)
		return wait_us;
	asked = BACKOFF_RETRY_AFTER_MAX_US;
	if (retry_after_s < asked / US_PER_S)
		asked = retry_after_s * US_PER_S;
	asked += uniform(asked / 10, random);
	return asked > wait_us ? asked : wait_us;
}

uint64_t backoff_random(void)
{
	uint64_t random = 0;

	/* Only an interrupted call at boot gives less; then this wait has no jitter. */
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return 0;
	return random;
}
