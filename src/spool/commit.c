/*
 * commit - when records reach the disk.
 *
 * `always`: the first thread that needs a sync does it for all that wrote before it
 * began; those who write meanwhile wait for the next one, which the first of them does.
 * There is no sync thread to hand over to, so a lone connection waits for nothing but
 * its own fdatasync(), and it works after fork() and in a process of one request. A
 * commit whose predecessor had BATCH_WAIT or more waits up to 1 ms for as many again.
 *
 * `interval`: a thread, the keeper, syncs once a second; it also seals segments, so that
 * no request waits for that, and notices when the segment was removed or moved. Where segments are
 * bounded in time it runs in the other modes too, but for the syncs.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "writer.h"

#define BATCH_WAIT 4
#define BATCH_WAIT_US 1000

static struct timespec deadline_in(int64_t us)
{
	int64_t at = clock_mono_us() + us;

	return (struct timespec){at / US_PER_S, at % US_PER_S * 1000};
}

/* Let those who are about to write join. */
static void commit_gather(struct live *live, struct owned *owned)
{
	struct timespec deadline = deadline_in(BATCH_WAIT_US);

	if (owned->batch < BATCH_WAIT)
		return;
	while (owned->written - owned->synced < owned->batch) {
		if (pthread_cond_clockwait(&owned->gather, &live->lock, CLOCK_MONOTONIC, &deadline))
			return;
	}
}

static void commit_lead(struct live *live, struct owned *owned)
{
	uint64_t number = owned->commits;
	uint64_t target;
	int failed;

	owned->syncing = true;
	commit_gather(live, owned);
	target = owned->written;
	owned->commits++;
	pthread_mutex_unlock(&live->lock);
	failed = fdatasync(owned->fd) < 0;
	if (failed)
		log_error("spool: a segment cannot be synced: %s", strerror(errno));
	pthread_mutex_lock(&live->lock);
	owned->syncing = false;
	if (failed) {
		/* The kernel drops what it could not write: a later sync proves nothing. */
		owned->broken = true;
	} else {
		owned->batch = target - owned->synced;
		owned->synced = target;
		owned->synced_us = clock_wall_us();
	}
	/* Without the lock, or each that wakes would wait for it at once. */
	pthread_mutex_unlock(&live->lock);
	pthread_cond_broadcast(&owned->commit[number & 1]);
	pthread_cond_signal(&owned->commit[~number & 1]);
	pthread_mutex_lock(&live->lock);
}

enum status commit_wait(struct live *live, struct owned *owned)
{
	uint64_t mine = owned->written;
	/* The commit under way began without us, one that gathers still takes us along. */
	uint64_t number = owned->commits;

	/* Once for all who join: each wake of who gathers costs as much as an event. */
	if (owned->syncing && mine - owned->synced == owned->batch)
		pthread_cond_signal(&owned->gather);
	while (owned->synced < mine && !owned->broken) {
		if (owned->syncing)
			pthread_cond_wait(&owned->commit[number & 1], &live->lock);
		else
			commit_lead(live, owned);
	}
	return owned->synced >= mine ? ST_OK : ST_IO;
}

enum status spool_sync(struct spool *spool)
{
	struct live *live = spool->live;
	enum status status = ST_OK;
	struct owned *owned;

	pthread_mutex_lock(&live->lock);
	/* Few, and about to be closed: waiting for them once is simpler than counting users. */
	for (owned = live->closing; owned; owned = owned->next)
		if (owned->written != owned->synced && fdatasync(owned->fd) < 0)
			status = ST_IO;
	owned = live->current;
	if (owned) {
		owned->users++;
		if (commit_wait(live, owned) != ST_OK)
			status = ST_IO;
		owned_leave(spool, owned);
	}
	pthread_mutex_unlock(&live->lock);
	return status;
}

static void keeper_sync(struct spool *spool)
{
	struct live *live = spool->live;
	struct owned *owned = live->current;
	uint64_t target, size;
	enum status seen;
	int failed;

	if (!owned)
		return;
	seen = owned_look(owned, &size);
	if (seen == ST_END) {
		owned->lost = true;
		owned_retire(spool);
		return;
	}
	if (seen == ST_OK && size > owned->checked)
		owned->checked = size;
	if (spool->options.sync != SPOOL_SYNC_INTERVAL || owned->written == owned->synced)
		return;
	target = owned->written;
	owned->users++;
	pthread_mutex_unlock(&live->lock);
	failed = fdatasync(owned->fd) < 0;
	if (failed)
		log_error("spool: a segment cannot be synced: %s", strerror(errno));
	pthread_mutex_lock(&live->lock);
	if (failed) {
		owned->broken = true;
	} else {
		owned->synced = target;
		owned->synced_us = clock_wall_us();
	}
	owned_leave(spool, owned);
}

static void *keeper_run(void *context)
{
	struct spool *spool = context;
	struct live *live = spool->live;

	pthread_mutex_lock(&live->lock);
	while (!live->stopping) {
		struct timespec deadline = deadline_in(US_PER_S);
		int timed_out = 0;

		while (!live->stopping && timed_out == 0)
			timed_out = pthread_cond_clockwait(&live->wake, &live->lock,
							   CLOCK_MONOTONIC, &deadline);
		keeper_sync(spool);
		if (live->current && owned_is_old(spool, live->current, clock_wall_us()))
			owned_retire(spool);
		pthread_mutex_unlock(&live->lock);
		owned_close_retired(spool, clock_wall_us() - CLOSE_AFTER_US);
		pthread_mutex_lock(&live->lock);
	}
	pthread_mutex_unlock(&live->lock);
	return NULL;
}

/* Signals are for the threads of the program. Without a keeper the kernel syncs later. */
void keeper_start(struct spool *spool)
{
	struct live *live = spool->live;
	sigset_t all, before;
	int failed;

	if (live->keeping || live->stopping)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&live->keeper, NULL, keeper_run, spool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	live->keeping = failed == 0;
	if (failed)
		log_error("spool: no thread to sync the segment: %s", strerror(failed));
}

void keeper_stop(struct spool *spool)
{
	struct live *live = spool->live;

	pthread_mutex_lock(&live->lock);
	live->stopping = true;
	pthread_cond_signal(&live->wake);
	pthread_mutex_unlock(&live->lock);
	if (live->keeping)
		pthread_join(live->keeper, NULL);
	live->keeping = false;
}
