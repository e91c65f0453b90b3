/*
 * courier - see courier.h.
 *
 * The thread's own table of descriptors is what makes fork() harmless: flock() and sockets
 * belong to open files, which a child would hold open for as long as it lives, and the death
 * of the parent would not show. Standard input, output and error are the null device there.
 */
#include "courier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "counters.h"
#include "forward.h"
#include "log.h"

/* A forwarder says every second that it is alive. */
#define SILENT_S 3
#define LOOK_MS 1000
/* What cannot be opened is seldom mended by the second. */
#define MEND_MS 10000

struct courier {
	const struct config *config;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t news;
	struct forward *forward; /* while elected */
	bool sure;		 /* whether elected or not was found out once */
	bool stopping, ended;
	bool left;	      /* nobody waits for the end: the thread frees this */
	uint64_t asked, done; /* deliveries */
};

static struct timespec deadline_in(int ms)
{
	int64_t at = clock_mono_us() + (int64_t)ms * 1000;

	return (struct timespec){at / US_PER_S, at % US_PER_S * 1000};
}

static void free_courier(struct courier *courier)
{
	pthread_cond_destroy(&courier->news);
	pthread_mutex_destroy(&courier->lock);
	free(courier);
}

static void take_own_files(void)
{
	if (close_range(0, ~0U, CLOSE_RANGE_UNSHARE) < 0) {
		log_warning("forward: no descriptors of its own: %s; children hold the forwarder's "
			    "lock as long as they live",
			    strerror(errno));
		return;
	}
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		(void)!open("/dev/null", O_RDWR | O_CLOEXEC);
}

static bool somebody_forwards(const struct counters *counters)
{
	int64_t alive_s = (int64_t)counters_get(counters, METRIC_FORWARDER_ALIVE);

	return alive_s + SILENT_S > clock_wall_us() / US_PER_S;
}

static bool is_stopping(struct courier *courier)
{
	bool stopping;

	pthread_mutex_lock(&courier->lock);
	stopping = courier->stopping;
	pthread_mutex_unlock(&courier->lock);
	return stopping;
}

static void rest(struct courier *courier, int ms)
{
	struct timespec deadline = deadline_in(ms);
	int timed_out = 0;

	pthread_mutex_lock(&courier->lock);
	courier->sure = true;
	pthread_cond_broadcast(&courier->news);
	while (!courier->stopping && !timed_out)
		timed_out = pthread_cond_clockwait(&courier->news, &courier->lock, CLOCK_MONOTONIC,
						   &deadline);
	pthread_mutex_unlock(&courier->lock);
}

/* One delivery is watched at a time; who asks meanwhile is answered by the next. */
struct watch {
	uint64_t ticket;
	bool on;
	struct forward_mark mark;
};

/* False: it is time to end. */
static bool look_after(struct courier *courier, struct watch *watch)
{
	bool passed = watch->on && forward_passed(courier->forward, &watch->mark);
	bool stopping;

	pthread_mutex_lock(&courier->lock);
	if (passed) {
		courier->done = watch->ticket;
		watch->on = false;
		pthread_cond_broadcast(&courier->news);
	}
	if (!watch->on && courier->asked > courier->done) {
		watch->ticket = courier->asked;
		watch->on = true;
		forward_mark(courier->forward, &watch->mark);
	}
	stopping = courier->stopping;
	pthread_mutex_unlock(&courier->lock);
	return !stopping;
}

static void set_forward(struct courier *courier, struct forward *forward)
{
	pthread_mutex_lock(&courier->lock);
	courier->forward = forward;
	courier->sure = true;
	pthread_cond_broadcast(&courier->news);
	pthread_mutex_unlock(&courier->lock);
}

/* Elected: until the end, or until the lock is another's. */
static void carry(struct courier *courier, struct forward *forward, struct counters *counters)
{
	struct watch watch = {.on = false};
	enum status status = ST_OK;

	set_forward(courier, forward);
	log_notice("forward: this process forwards");
	while (status == ST_OK && look_after(courier, &watch))
		status = forward_turn(forward);
	if (status == ST_OK)
		status = forward_finish(forward);
	if (status != ST_OK)
		log_error("forward: %s", status_text(status));
	set_forward(courier, NULL);
	forward_close(forward);
	/* Others need not wait until it seems dead. */
	if (status != ST_BUSY)
		counters_set(counters, METRIC_FORWARDER_ALIVE, 0);
}

/* How long to rest then. */
static int try_to_carry(struct courier *courier, struct counters *counters)
{
	struct forward *forward;
	struct reason why = {""};
	enum status status;

	if (somebody_forwards(counters))
		return LOOK_MS;
	status = forward_open(&forward, courier->config, counters, &why);
	if (status == ST_OK)
		carry(courier, forward, counters);
	else if (status != ST_BUSY)
		log_error("forward: %s", why.text);
	return status == ST_OK || status == ST_BUSY ? LOOK_MS : MEND_MS;
}

static void stand_by(struct courier *courier)
{
	struct counters *counters = NULL;
	struct reason why = {""};

	while (!is_stopping(courier)) {
		if (counters || counters_open(&counters, courier->config, &why) == ST_OK) {
			rest(courier, try_to_carry(courier, counters));
		} else {
			log_error("forward: %s", why.text);
			rest(courier, MEND_MS);
		}
	}
	counters_close(counters);
}

static void *run(void *context)
{
	struct courier *courier = context;
	bool left;

	take_own_files();
	stand_by(courier);
	pthread_mutex_lock(&courier->lock);
	courier->ended = true;
	left = courier->left;
	pthread_cond_broadcast(&courier->news);
	pthread_mutex_unlock(&courier->lock);
	if (left)
		free_courier(courier);
	return NULL;
}

enum status courier_begin(struct courier **out, const struct config *config)
{
	struct courier *courier = calloc(1, sizeof *courier);
	sigset_t all, before;
	int failed;

	if (!courier)
		return ST_NO_MEMORY;
	courier->config = config;
	pthread_mutex_init(&courier->lock, NULL);
	pthread_cond_init(&courier->news, NULL);
	/* Signals are for the threads of the program. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&courier->thread, NULL, run, courier);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		free_courier(courier);
		return ST_NO_MEMORY;
	}
	*out = courier;
	return ST_OK;
}

static void wake(struct courier *courier)
{
	pthread_cond_broadcast(&courier->news);
	if (courier->forward)
		forward_wake(courier->forward);
}

enum status courier_deliver(struct courier *courier, int wait_ms)
{
	struct timespec deadline = deadline_in(wait_ms);
	enum status status;
	uint64_t ticket;
	int timed_out = 0;

	pthread_mutex_lock(&courier->lock);
	ticket = ++courier->asked;
	wake(courier);
	while (!timed_out && courier->done < ticket && (courier->forward || !courier->sure))
		timed_out = pthread_cond_clockwait(&courier->news, &courier->lock, CLOCK_MONOTONIC,
						   &deadline);
	if (courier->done >= ticket)
		status = ST_OK;
	else
		status = courier->forward || !courier->sure ? ST_UNAVAILABLE : ST_NOT_FOUND;
	pthread_mutex_unlock(&courier->lock);
	return status;
}

bool courier_end(struct courier *courier, int wait_ms)
{
	struct timespec deadline = deadline_in(wait_ms);
	int timed_out = 0;
	bool ended;

	pthread_mutex_lock(&courier->lock);
	courier->stopping = true;
	wake(courier);
	while (!courier->ended && !timed_out)
		timed_out = pthread_cond_clockwait(&courier->news, &courier->lock, CLOCK_MONOTONIC,
						   &deadline);
	ended = courier->ended;
	courier->left = !ended;
	pthread_mutex_unlock(&courier->lock);
	if (!ended) {
		pthread_detach(courier->thread);
		return false;
	}
	pthread_join(courier->thread, NULL);
	free_courier(courier);
	return true;
}
