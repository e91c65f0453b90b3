/*
 * clock - the two clocks of POSIX, in microseconds.
 */
#include "clock.h"

#include <time.h>

#define US_PER_DAY (INT64_C(86400) * US_PER_S)

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_coarse_us(void)
{
	return read_us(CLOCK_MONOTONIC_COARSE);
}

int64_t clock_day(int64_t wall_us)
{
	int64_t day = wall_us / US_PER_DAY;

	return wall_us % US_PER_DAY < 0 ? day - 1 : day;
}
