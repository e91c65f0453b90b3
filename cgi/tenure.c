/*
 * tenure - see tenure.h. A tenure counts who holds it: each seat; the hall holds the newest one
 * and, so that no request waits for its end, the one before until that is settled.
 */
#include "tenure.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define SETTLE_EVERY_NS 10000000 /* 10 ms */
#define SETTLE_TIMES 150

struct idle {
	struct worker *worker;
	int cpu; /* that it was used by last */
};

struct tenure {
	struct config *config;
	struct service service;
	unsigned holders;   /* under the hall's mutex, */
	size_t n_idle;	    /* as these are: */
	struct idle idle[]; /* a stack */
};

struct hall {
	pthread_mutex_t mutex;
	size_t n;
	struct tenure *now, *before; /* before: NULL once it is settled */
	_Atomic int64_t patience_us;
	_Atomic bool synced;
};

static void tenure_free(struct tenure *tenure)
{
	while (tenure->n_idle > 0)
		worker_free(tenure->idle[--tenure->n_idle].worker);
	service_close(&tenure->service);
	free(tenure);
}

/* All workers now: later a full disk or memory could not refuse one. */
static enum status tenure_open(struct tenure **out, struct config *config, size_t n,
			       struct reason *why)
{
	struct tenure *tenure = calloc(1, sizeof *tenure + n * sizeof *tenure->idle);
	enum status st;

	if (!tenure)
		return ST_NO_MEMORY;
	st = service_open(&tenure->service, config, false, why);
	if (st != ST_OK) {
		free(tenure);
		return st;
	}
	for (; st == ST_OK && tenure->n_idle < n; tenure->n_idle += st == ST_OK)
		st = worker_new(&tenure->idle[tenure->n_idle].worker, &tenure->service, why);
	if (st != ST_OK) {
		tenure_free(tenure);
		return st;
	}
	tenure->config = config;
	tenure->holders = 1;
	*out = tenure;
	return ST_OK;
}

static void tenure_end(struct tenure *tenure)
{
	struct config *config = tenure->config;

	tenure_free(tenure);
	config_free(config);
}

static void tenure_release(struct tenure *tenure, struct hall *hall)
{
	bool last;

	pthread_mutex_lock(&hall->mutex);
	last = --tenure->holders == 0;
	pthread_mutex_unlock(&hall->mutex);
	if (last)
		tenure_end(tenure);
}

static void announce(struct hall *hall, const struct tenure *tenure)
{
	hall->patience_us = service_patience_us(&tenure->service);
	hall->synced = service_is_synced(&tenure->service);
}

enum status hall_open(struct hall **out, struct config *config, size_t n, struct reason *why)
{
	struct hall *hall = calloc(1, sizeof *hall);
	enum status st;

	if (!hall)
		return ST_NO_MEMORY;
	st = tenure_open(&hall->now, config, n, why);
	if (st != ST_OK) {
		free(hall);
		return st;
	}
	pthread_mutex_init(&hall->mutex, NULL);
	hall->n = n;
	announce(hall, hall->now);
	*out = hall;
	return ST_OK;
}

void hall_close(struct hall *hall)
{
	hall_settle(hall);
	tenure_release(hall->now, hall);
	pthread_mutex_destroy(&hall->mutex);
	free(hall);
}

enum status hall_reload(struct hall *hall, struct config *config, struct reason *why)
{
	struct tenure *next;
	enum status st = tenure_open(&next, config, hall->n, why);

	if (st != ST_OK)
		return st;
	hall_settle(hall);
	pthread_mutex_lock(&hall->mutex);
	hall->before = hall->now;
	hall->now = next;
	pthread_mutex_unlock(&hall->mutex);
	announce(hall, next);
	return ST_OK;
}

static bool is_left(struct hall *hall, const struct tenure *tenure)
{
	bool left;

	pthread_mutex_lock(&hall->mutex);
	left = tenure->holders == 1;
	pthread_mutex_unlock(&hall->mutex);
	return left;
}

void hall_settle(struct hall *hall)
{
	const struct timespec pause = {.tv_nsec = SETTLE_EVERY_NS};
	struct tenure *before = hall->before;

	if (!before)
		return;
	for (int times = 0; times < SETTLE_TIMES && !is_left(hall, before); times++)
		(void)nanosleep(&pause, NULL);
	hall->before = NULL;
	tenure_release(before, hall);
}

int64_t hall_patience_us(const struct hall *hall)
{
	return hall->patience_us;
}

bool hall_is_synced(const struct hall *hall)
{
	return hall->synced;
}

/* The one that this processor used last, else the one used last. */
static struct worker *take_idle(struct tenure *tenure)
{
	int cpu = sched_getcpu();
	struct idle *last = &tenure->idle[--tenure->n_idle], *found = last;
	struct worker *worker;

	while (found > tenure->idle && found->cpu != cpu)
		found--;
	if (found->cpu != cpu)
		found = last;
	worker = found->worker;
	*found = *last;
	return worker;
}

void hall_enter(struct hall *hall, struct seat *seat)
{
	pthread_mutex_lock(&hall->mutex);
	seat->tenure = hall->now;
	seat->tenure->holders++;
	seat->worker = take_idle(seat->tenure);
	pthread_mutex_unlock(&hall->mutex);
}

void hall_leave(struct hall *hall, struct seat *seat)
{
	struct tenure *tenure = seat->tenure;
	bool last;

	pthread_mutex_lock(&hall->mutex);
	tenure->idle[tenure->n_idle++] = (struct idle){seat->worker, sched_getcpu()};
	last = --tenure->holders == 0;
	pthread_mutex_unlock(&hall->mutex);
	if (last)
		tenure_end(tenure);
}
