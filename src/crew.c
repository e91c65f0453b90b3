/*
 * crew - see crew.h.
 *
 * The list of crews is the one global of the library: pthread_atfork() hands no context on.
 * It is locked over a fork, so the child finds it whole. What lies outside of struct live
 * is written while live.lock is held and read by a child after the fork only to close files.
 * A fork that runs no such handlers (a bare clone()) leaves that to the child's first call.
 */
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "clock.h"
#include "courier.h"
#include "envoy.h"
#include "herald.h"
#include "log.h"

/* Opening that failed is not tried again at every call. */
#define RETRY_US US_PER_S

/* All zeros are a valid beginning. */
struct live {
	pthread_mutex_t lock;
	pthread_cond_t given;
	bool open;
	int64_t failed_us;  /* when opening failed last, */
	enum status failed; /* and how */
	struct courier *courier;
	unsigned n_idle, n_workers;
	struct gateway_worker *idle[CREW_MAX];
	pthread_mutex_t counting; /* of what follows, and of crew->teller */
	bool counts;
	struct envoy *envoy;
};

struct crew {
	struct crew *next;
	const struct config *config;
	enum crew_way way;
	struct live *live;
	struct gateway *gateway; /* the parent's where not live->open; NULL: nobody's */
	struct teller *teller;	 /* likewise, live->counts */
};

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	struct crew *first;
} crews = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static void disown(struct crew *crew)
{
	if (crew->gateway)
		gateway_disown(crew->gateway);
	crew->gateway = NULL; /* its memory is the parent's image and is not touched again */
}

static void disown_teller(struct crew *crew)
{
	if (crew->teller)
		teller_disown(crew->teller);
	crew->teller = NULL; /* likewise */
}

static void disown_all(struct crew *crew)
{
	disown(crew);
	disown_teller(crew);
}

static void before_fork(void)
{
	pthread_mutex_lock(&crews.lock);
}

static void after_fork_in_parent(void)
{
	pthread_mutex_unlock(&crews.lock);
}

static void after_fork_in_child(void)
{
	for (struct crew *crew = crews.first; crew; crew = crew->next)
		disown_all(crew);
	herald_forked();
	pthread_mutex_unlock(&crews.lock);
}

static void heed_forks(void)
{
	if (pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0)
		log_warning(
		    "out of memory: children hold the parent's files until their first call");
}

static enum status live_map(struct live **out)
{
	void *live = mmap(NULL, sizeof(struct live), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (live == MAP_FAILED)
		return ST_NO_MEMORY;
	if (madvise(live, sizeof(struct live), MADV_WIPEONFORK) < 0) {
		(void)munmap(live, sizeof(struct live));
		return ST_IO;
	}
	*out = live;
	return ST_OK;
}

enum status crew_new(struct crew **out, const struct config *config, enum crew_way way,
		     struct reason *why)
{
	struct crew *crew = calloc(1, sizeof *crew);
	enum status st = crew ? live_map(&crew->live) : ST_NO_MEMORY;

	if (st != ST_OK) {
		free(crew);
		return reason_set(why, st, "memory that fork() wipes: %s", status_text(st));
	}
	crew->config = config;
	crew->way = way;
	pthread_once(&crews.once, heed_forks);
	pthread_mutex_lock(&crews.lock);
	crew->next = crews.first;
	crews.first = crew;
	pthread_mutex_unlock(&crews.lock);
	*out = crew;
	return ST_OK;
}

static void leave_list(const struct crew *crew)
{
	struct crew **at = &crews.first;

	pthread_mutex_lock(&crews.lock);
	while (*at != crew)
		at = &(*at)->next;
	*at = crew->next;
	pthread_mutex_unlock(&crews.lock);
}

bool crew_free(struct crew *crew, int wait_ms)
{
	struct live *live = crew->live;
	bool ended;

	leave_list(crew);
	ended = !live->courier || courier_end(live->courier, wait_ms);
	if (!live->open)
		disown(crew);
	if (!live->counts)
		disown_teller(crew);
	for (unsigned i = 0; i < live->n_idle; i++)
		gateway_worker_free(live->idle[i]);
	gateway_close(crew->gateway);
	teller_close(crew->teller);
	envoy_close(live->envoy);
	(void)munmap(live, sizeof *live);
	free(crew);
	return ended;
}

/* Without a website nothing is sent, and what is debugged is shown instead. */
static void begin_courier(struct crew *crew)
{
	const struct config *config = crew->config;

	if (crew->way != CREW_FORWARD || !config->umami_websites.n || config->umami_debug)
		return;
	if (courier_begin(&crew->live->courier, config) != ST_OK)
		log_error("forward: no thread; events wait on the spool");
}

static void show_event(void *context, const char *json, size_t len)
{
	(void)context;
	herald_show(json, len);
}

/* With the lock held. */
static enum status open_here(struct crew *crew, struct reason *why)
{
	struct live *live = crew->live;
	int64_t now_us = clock_mono_us();

	if (live->open)
		return ST_OK;
	if (live->failed_us && now_us - live->failed_us < RETRY_US)
		return reason_set(why, live->failed, "%s", status_text(live->failed));
	disown(crew);
	live->failed = gateway_open(&crew->gateway, crew->config, why);
	live->failed_us = now_us;
	live->open = live->failed == ST_OK;
	if (live->open) {
		gateway_show(crew->gateway, show_event, NULL);
		begin_courier(crew);
	}
	return live->failed;
}

enum status crew_take(struct crew *crew, struct gateway_worker **out, struct reason *why)
{
	struct live *live = crew->live;
	enum status st;

	*out = NULL;
	pthread_mutex_lock(&live->lock);
	while (!live->n_idle && live->n_workers == CREW_MAX)
		pthread_cond_wait(&live->given, &live->lock);
	st = open_here(crew, why);
	if (live->n_idle)
		*out = live->idle[--live->n_idle];
	else if (st == ST_OK)
		live->n_workers++;
	pthread_mutex_unlock(&live->lock);
	if (st != ST_OK || *out)
		return st;
	st = gateway_worker_new(out, crew->gateway);
	if (st == ST_OK)
		return ST_OK;
	pthread_mutex_lock(&live->lock);
	live->n_workers--;
	pthread_cond_signal(&live->given);
	pthread_mutex_unlock(&live->lock);
	return reason_set(why, st, "no worker for one more thread: %s", status_text(st));
}

void crew_give(struct crew *crew, struct gateway_worker *worker)
{
	struct live *live = crew->live;

	pthread_mutex_lock(&live->lock);
	live->idle[live->n_idle++] = worker;
	if (live->n_workers == CREW_MAX)
		pthread_cond_signal(&live->given);
	pthread_mutex_unlock(&live->lock);
}

enum status crew_gateway(struct crew *crew, struct gateway **out, struct reason *why)
{
	struct live *live = crew->live;
	enum status st;

	pthread_mutex_lock(&live->lock);
	st = open_here(crew, why);
	*out = crew->gateway;
	pthread_mutex_unlock(&live->lock);
	return st;
}

enum status crew_deliver(struct crew *crew, int wait_ms)
{
	struct live *live = crew->live;
	struct courier *courier = live->courier;
	struct envoy *envoy;

	if (crew->way == CREW_REMOTE) {
		pthread_mutex_lock(&live->counting);
		envoy = live->envoy;
		pthread_mutex_unlock(&live->counting);
		return envoy ? envoy_flush(envoy, wait_ms) : ST_OK;
	}
	return courier ? courier_deliver(courier, wait_ms) : ST_NOT_FOUND;
}

/* With live->counting held. */
static enum status find_teller(struct crew *crew, struct reason *why)
{
	enum status st;

	if (crew->live->counts)
		return ST_OK;
	disown_teller(crew);
	st = teller_open(&crew->teller, crew->config, why);
	crew->live->counts = st == ST_OK;
	return st;
}

enum status crew_count(struct crew *crew, const struct told *told, struct reason *why)
{
	struct live *live = crew->live;
	enum status st;

	pthread_mutex_lock(&live->counting);
	st = find_teller(crew, why);
	if (st == ST_OK)
		st = teller_count(crew->teller, told, why);
	pthread_mutex_unlock(&live->counting);
	return st;
}

/* With live->counting held. */
static enum status find_envoy(struct crew *crew, struct reason *why)
{
	return crew->live->envoy ? ST_OK : envoy_open(&crew->live->envoy, crew->config, why);
}

enum status crew_report(struct crew *crew, const struct told_report *told, struct reason *why)
{
	struct live *live = crew->live;
	bool remote = crew->way == CREW_REMOTE;
	enum status st;

	pthread_mutex_lock(&live->counting);
	st = remote ? find_envoy(crew, why) : find_teller(crew, why);
	if (st == ST_OK)
		st = remote ? envoy_report(live->envoy, told, why)
			    : teller_report(crew->teller, told, why);
	pthread_mutex_unlock(&live->counting);
	return st;
}

enum status crew_budget(struct crew *crew, const char *address, struct buf *out)
{
	struct live *live = crew->live;
	bool remote = crew->way == CREW_REMOTE;
	enum status st;

	pthread_mutex_lock(&live->counting);
	st = remote ? find_envoy(crew, NULL) : find_teller(crew, NULL);
	if (st == ST_OK)
		st = remote ? envoy_budget(live->envoy, address, out)
			    : teller_budget(crew->teller, address, out);
	pthread_mutex_unlock(&live->counting);
	return st;
}
