/*
 * release - what may leave the team: noisy counts of one metric and day, made once.
 *
 * A release exists because release_make() committed it, or because it was read back; there
 * is no other way to one. The true counts are removed in the transaction that keeps the
 * noisy ones, and the noise itself is kept nowhere.
 */
#ifndef TAMIS_PRIVACY_RELEASE_H
#define TAMIS_PRIVACY_RELEASE_H

#include "entropy.h"
#include "estimate.h"
#include "registry.h"
#include "store.h"

struct release;

/* What is promised of it. */
struct promise {
	const char *mechanism; /* "laplace", "gaussian", "krr+laplace", ... */
	uint64_t epsilon_micro, client_epsilon_micro, l0, linf;
	uint64_t delta_pico; /* 0 with Laplace noise */
};

#define RELEASE_ID_BYTES 17

/* Values below this are not shown; decided on noisy values, so it reveals nothing. */
#define RELEASE_THRESHOLD 5

/*
 * Charge the day to the ledger, draw the noise, keep the release, remove the true counts:
 * in one transaction. ST_END: the day was released before, nothing was done. ST_DENIED: it
 * was charged before and its release is gone, so that another would be a second one.
 * ST_IO: no randomness; nothing was done.
 */
MUST_CHECK enum status release_make(struct store *store, const struct measure *measure, int32_t day,
				    struct entropy *entropy, struct reason *why);

/* Releases of a metric, by day. */
typedef enum status release_visit_fn(void *context, const struct release *release);
MUST_CHECK enum status release_read(struct store *store, const char *metric, int32_t from,
				    int32_t to, release_visit_fn *visit, void *context,
				    struct reason *why);

const char *release_day(const struct release *release);
const char *release_id(const struct release *release);
const struct promise *release_promise(const struct release *release);
/* The domain as domain_text() wrote it, and how many cells. */
const char *release_domain(const struct release *release);
size_t release_size(const struct release *release);
/* A cell's estimate and the variance of it, noise and random answers included. */
struct estimate release_cell(const struct release *release, size_t cell);
/* 95 % of the time the truth lies so near: exactly for one cell without random answers. */
double release_halfwidth(const struct release *release, size_t cell);

#endif
