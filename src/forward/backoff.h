/*
 * backoff - how long to wait after a failure: exponential, with full jitter.
 *
 * The wait is uniform between 0 and min(cap, base * 2^(failures - 1)), so that
 * many clients of one upstream do not come back together. Pure: the random number
 * is the caller's.
 */
#ifndef TAMIS_BACKOFF_H
#define TAMIS_BACKOFF_H

#include <stdint.h>

#include "clock.h"

#define BACKOFF_BASE_US (US_PER_S / 2)
/* One small request so often does no harm, and a recovery is noticed soon. */
#define BACKOFF_CAP_US (15 * US_PER_S)
/* For what only a person can mend: a wrong key, a wrong address. */
#define BACKOFF_SLOW_BASE_US (2 * US_PER_S)
#define BACKOFF_SLOW_CAP_US (60 * US_PER_S)
/* An upstream cannot send us away for longer than this. */
#define BACKOFF_RETRY_AFTER_MAX_US (3600 * US_PER_S)

/* The longest wait after so many failures in a row (>= 1). */
int64_t backoff_ceiling_us(unsigned failures, int64_t base_us, int64_t cap_us);
/* A wait below that ceiling; random: 64 random bits. */
int64_t backoff_us(unsigned failures, int64_t base_us, int64_t cap_us, uint64_t random);
/*
 * The upstream asked for retry_after_s (0: it did not): never sooner, and up to a
 * tenth later; a wait_us that is longer anyway stands.
 */
int64_t backoff_asked_us(int64_t wait_us, int64_t retry_after_s, uint64_t random);
/* 64 random bits from the kernel. */
uint64_t backoff_random(void);

#endif
