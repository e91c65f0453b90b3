/*
 * tenure - see tenure.h. A tenure counts who holds it: each seat; the hall holds the newest one
 * and, so that no request waits for its end, the one before until that is settled.
 */
#include "tenure.h"

#include <pthread.h>
#include <stdlib.h>

#include "log.h"

struct tenure {
	struct config *config;
	struct service service;
	unsigned holders; /* under the hall's mutex */
	unsigned number;
};

struct hall {
	pthread_mutex_t mutex;
	struct tenure *now, *before; /* before: NULL once it is settled */
	_Atomic unsigned number;     /* of the newest tenure */
};

static enum status tenure_open(struct tenure **out, struct config *config, unsigned number,
			       struct reason *why)
{
	struct tenure *tenure = calloc(1, sizeof *tenure);
	enum status st;

	if (!tenure)
		return ST_NO_MEMORY;
	st = service_open(&tenure->service, config, false, why);
	if (st != ST_OK) {
		free(tenure);
		return st;
	}
	tenure->config = config;
	tenure->holders = 1;
	tenure->number = number;
	*out = tenure;
	return ST_OK;
}

static void tenure_release(struct tenure *tenure, struct hall *hall)
{
	bool last;

	pthread_mutex_lock(&hall->mutex);
	last = --tenure->holders == 0;
	pthread_mutex_unlock(&hall->mutex);
	if (!last)
		return;
	service_close(&tenure->service);
	config_free(tenure->config);
	free(tenure);
}

static struct tenure *hall_now(struct hall *hall)
{
	struct tenure *tenure;

	pthread_mutex_lock(&hall->mutex);
	tenure = hall->now;
	tenure->holders++;
	pthread_mutex_unlock(&hall->mutex);
	return tenure;
}

enum status hall_open(struct hall **out, struct config *config, struct reason *why)
{
	struct hall *hall = calloc(1, sizeof *hall);
	enum status st;

	if (!hall)
		return ST_NO_MEMORY;
	st = tenure_open(&hall->now, config, 0, why);
	if (st != ST_OK) {
		free(hall);
		return st;
	}
	pthread_mutex_init(&hall->mutex, NULL);
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
	unsigned number = atomic_load(&hall->number) + 1;
	struct tenure *next;
	enum status st = tenure_open(&next, config, number, why);

	if (st != ST_OK)
		return st;
	hall_settle(hall);
	pthread_mutex_lock(&hall->mutex);
	hall->before = hall->now;
	hall->now = next;
	pthread_mutex_unlock(&hall->mutex);
	atomic_store(&hall->number, number);
	return ST_OK;
}

void hall_settle(struct hall *hall)
{
	struct tenure *before = hall->before;

	hall->before = NULL;
	if (before)
		tenure_release(before, hall);
}

static enum status seat_take(struct seat *seat, struct tenure *tenure)
{
	struct worker *worker;
	enum status st = worker_new(&worker, &tenure->service);

	if (st != ST_OK)
		return st;
	if (seat->worker)
		worker_free(seat->worker);
	seat->worker = worker;
	seat->tenure = tenure;
	atomic_store(&seat->number, tenure->number);
	return ST_OK;
}

enum status seat_open(struct seat *seat, struct hall *hall)
{
	struct tenure *tenure = hall_now(hall);
	enum status st = seat_take(seat, tenure);

	if (st != ST_OK)
		tenure_release(tenure, hall);
	return st;
}

void seat_close(struct seat *seat, struct hall *hall)
{
	worker_free(seat->worker);
	tenure_release(seat->tenure, hall);
	seat->worker = NULL;
}

void seat_move(struct seat *seat, struct hall *hall)
{
	struct tenure *before = seat->tenure, *next;

	if (seat_is_new(seat, hall))
		return;
	next = hall_now(hall);
	if (next != before && seat_take(seat, next) == ST_OK) {
		tenure_release(before, hall);
		return;
	}
	if (next != before)
		log_warning("out of memory: a thread answers by the configuration before");
	tenure_release(next, hall);
}

bool seat_is_new(const struct seat *seat, const struct hall *hall)
{
	return atomic_load(&seat->number) == atomic_load(&hall->number);
}
