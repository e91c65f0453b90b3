/*
 * thread - see thread.h.
 */
#include "thread.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define PATIENCE_S 5 /* for the next bytes of a request */
#define DRAIN_US US_PER_S
#define LINGER_MS 300
#define SOON_MS 1
#define PIECES_MAX 4

static void expect_bytes(struct thread *thread)
{
	int64_t due_us = clock_coarse_us() + PATIENCE_S * US_PER_S;

	atomic_store_explicit(&thread->due_us, due_us < thread->end_us ? due_us : thread->end_us,
			      memory_order_relaxed);
}

static void expect_nothing(struct thread *thread)
{
	atomic_store_explicit(&thread->due_us, 0, memory_order_relaxed);
}

/* See body_read_fn. */
static long read_body(void *context, char *data, size_t size)
{
	struct thread *thread = context;
	long got;

	if (!fastcgi_is_ahead(&thread->fastcgi))
		expect_bytes(thread);
	got = fastcgi_read(&thread->fastcgi, data, size);
	if (got <= 0)
		expect_nothing(thread);
	return got;
}

/*
 * A new connection; -1 when there is none now. Where processors are short the web
 * server goes first: what it opens meanwhile is taken without a sleep, for each of which a
 * processor takes longer than for the event (measured: 3 us of CPU a request less). Threads that
 * wait for the disk with each event are woken together anyhow: there it costs 16 us more.
 */
static int take_connection(int socket, bool synced)
{
	int fd;

	if (!synced)
		(void)sched_yield();
	fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
		log_warning("no connection can be accepted: %s", strerror(errno));
		(void)poll(NULL, 0, 100);
	}
	return fd;
}

/* The thread may sleep now: another is to wait for what comes on the connections kept. */
static void step_back(struct thread *thread)
{
	if (thread->entered)
		kept_leave(thread->kept);
	thread->entered = false;
}

/*
 * Wait for the next request of a connection that none of the others sees; false: none came. At the
 * end of the process a connection that was idle gets a while for the request that may be on its
 * way, and goes right behind an answer, when the web server does not yet ask again: what it asks on
 * a connection that is closed is a failed request, and between answer and end it has hardly time
 * to. (Measured under nginx, Apache and h2o: none in 240 restarts under load; 8 in 120 closed
 * without looking, 6 to 12 in 120 closed after 5 ms of silence.)
 */
static bool wait_for_next(struct thread *thread, bool idle)
{
	struct pollfd kept = {.fd = thread->fastcgi.fd, .events = POLLIN};
	bool leaving = *thread->stopping, came;

	if (fastcgi_is_asked(&thread->fastcgi))
		return true;
	if (!leaving || idle)
		step_back(thread);
	thread->waiting = !leaving;
	came = poll(&kept, 1, !leaving ? -1 : idle ? LINGER_MS : 0) > 0;
	thread->waiting = false;
	if (!came && !leaving && *thread->stopping)
		came = poll(&kept, 1, LINGER_MS) > 0;
	return came;
}

/* None is taken at the end: it waits in the socket for the next process. */
static bool wait_for_connection(struct thread *thread)
{
	int fd = -1;

	if (*thread->stopping)
		return false;
	thread->waiting = true;
	fd = take_connection(thread->socket, hall_is_synced(thread->hall));
	thread->waiting = false;
	if (fd >= 0)
		fastcgi_take(&thread->fastcgi, fd);
	return fd >= 0;
}

/*
 * Closed while the sender still sends, it might not read the answer: let it end, but not
 * for as long as it likes.
 */
static void drain(int fd)
{
	int64_t end_us = clock_mono_us() + DRAIN_US, left_us = DRAIN_US;
	struct pollfd sender = {.fd = fd, .events = POLLIN};
	char piece[BODY_PIECE];

	shutdown(fd, SHUT_WR);
	while (left_us > 0 && poll(&sender, 1, (int)(left_us / 1000) + 1) > 0 &&
	       read(fd, piece, sizeof piece) > 0)
		left_us = end_us - clock_mono_us();
}

/* An event is taken at once, where it need not wait for the disk; all else may ask a database. */
static bool is_quick(const struct thread *thread)
{
	const struct fastcgi *fastcgi = &thread->fastcgi;

	for (size_t i = 0; i < fastcgi->n_variables; i++) {
		const struct variable *variable = &fastcgi->variables[i];

		if (variable->len == strlen("REQUEST_METHOD") &&
		    memcmp(variable->name, "REQUEST_METHOD", variable->len) == 0)
			return strcmp(variable->value, "POST") == 0 &&
			       !hall_is_synced(thread->hall);
	}
	return false;
}

/* More than any socket takes at once: it might wait for its reader. */
static void expect_reader(struct thread *thread)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};

	step_back(thread);
	(void)setsockopt(thread->fastcgi.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* false: the connection cannot carry another request. */
static bool answer(struct thread *thread)
{
	struct fastcgi *fastcgi = &thread->fastcgi;
	const struct buf *out;
	struct seat seat;
	bool whole, sent;

	if (!is_quick(thread))
		step_back(thread);
	hall_enter(thread->hall, &seat);
	out = worker_answer(seat.worker, fastcgi->variables, fastcgi->n_variables, read_body,
			    thread, &whole);
	expect_nothing(thread);
	if (out->len > BODY_PIECE)
		expect_reader(thread);
	sent = fastcgi_answer(fastcgi, out->data, out->len);
	if (*thread->stopping && whole && !wait_for_next(thread, false))
		fastcgi_leave(fastcgi);
	hall_leave(thread->hall, &seat);
	if (sent && !whole) {
		step_back(thread);
		drain(fastcgi->fd);
	}
	return sent && whole && fastcgi->keep && fastcgi->fd >= 0;
}

/*
 * Apache sends a request in several pieces, a moment apart: to let another thread wait here for so
 * long would cost more than the moment.
 */
static bool is_here(struct thread *thread)
{
	struct fastcgi *fastcgi = &thread->fastcgi;
	struct pollfd rest = {.fd = fastcgi->fd, .events = POLLIN};

	for (int pieces = 0; !fastcgi_is_whole(fastcgi); pieces++)
		if (!thread->entered || pieces == PIECES_MAX || poll(&rest, 1, SOON_MS) <= 0 ||
		    fastcgi_look(fastcgi) <= 0)
			return false;
	return true;
}

static void take_request(struct thread *thread)
{
	bool again = false;

	thread->end_us = clock_coarse_us() + hall_patience_us(thread->hall);
	if (!is_here(thread)) {
		step_back(thread);
		expect_bytes(thread);
	}
	if (fastcgi_begin(&thread->fastcgi))
		again = answer(thread);
	expect_nothing(thread);
	if (again)
		fastcgi_forget(&thread->fastcgi);
	else
		fastcgi_leave(&thread->fastcgi);
}

static bool has_reason(const struct thread *thread)
{
	return *thread->stopping || !fastcgi_is_clean(&thread->fastcgi) ||
	       hall_is_synced(thread->hall);
}

/*
 * With a connection whose next request is here in part; at the end of the process; and where
 * events wait for the disk: their threads are woken together anyhow.
 */
static void stay(struct thread *thread, bool idle)
{
	struct fastcgi *fastcgi = &thread->fastcgi;

	for (; fastcgi->fd >= 0 && has_reason(thread); idle = false) {
		if (wait_for_next(thread, idle))
			take_request(thread);
		else if (*thread->stopping)
			fastcgi_leave(fastcgi);
	}
}

/* Answer what came on a connection that is kept, until it rests again or has ended. */
static void serve_place(struct thread *thread, struct place *place)
{
	struct fastcgi *fastcgi = &thread->fastcgi;
	bool idle = true;

	fastcgi_take(fastcgi, place->fd);
	do {
		int news = fastcgi_look(fastcgi);

		if (news > 0)
			take_request(thread);
		else if (news < 0)
			fastcgi_leave(fastcgi);
		idle = idle && news == 0;
		stay(thread, idle);
		if (fastcgi->fd < 0) {
			kept_free(place);
			thread->place = place;
			return;
		}
	} while (!kept_rest(place));
	fastcgi->fd = -1;
}

/* NULL: the process ends. */
static struct place *wait_for_kept(struct thread *thread)
{
	struct place *place = NULL;

	thread->waiting = true;
	while (!place && !*thread->stopping) {
		if (!thread->entered)
			thread->entered = kept_enter(thread->kept);
		if (thread->entered && !*thread->stopping)
			place = kept_wait(thread->kept);
	}
	thread->waiting = false;
	return place;
}

/* The thread's connection is kept with the others: until one of them has ended. */
static void serve_kept(struct thread *thread)
{
	struct place *place = thread->place;

	place->fd = thread->fastcgi.fd;
	if (!kept_join(thread->kept, place)) {
		log_warning("a connection cannot be kept: %s", strerror(errno));
		fastcgi_leave(&thread->fastcgi);
		return;
	}
	thread->place = NULL;
	do
		serve_place(thread, place);
	while (!thread->place && (place = wait_for_kept(thread)));
	step_back(thread);
}

void *thread_run(void *argument)
{
	struct thread *thread = argument;
	struct place *place;

	fastcgi_init(&thread->fastcgi);
	while (!*thread->stopping) {
		if (!wait_for_connection(thread))
			continue;
		take_request(thread);
		stay(thread, false);
		if (thread->fastcgi.fd >= 0)
			serve_kept(thread);
	}
	while ((place = kept_next(thread->kept)))
		serve_place(thread, place);
	fastcgi_free(&thread->fastcgi);
	thread->ended = true;
	return NULL;
}
