/*
 * clock - time in one unit: microseconds.
 */
#ifndef TAMIS_BASE_CLOCK_H
#define TAMIS_BASE_CLOCK_H

#include <stdint.h>

#define US_PER_S INT64_C(1000000)

/* Wall clock, microseconds since 1970 UTC; may jump. */
int64_t clock_wall_us(void);
/* Monotonic, for durations and deadlines; never jumps. */
int64_t clock_mono_us(void);
/* The same as of the kernel's last tick, some milliseconds old, for a fifth of the cost. */
int64_t clock_coarse_us(void);
/* Day number since 1970-01-01 UTC. */
int64_t clock_day(int64_t wall_us);

#endif
