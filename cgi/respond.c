/*
 * respond - tamis.fcgi: the accept loop, nothing else.
 *
 * N threads accept on one socket without a lock, and each stays with a connection that is kept.
 * The first thread waits for the signal to end and then wakes those that wait; who answers
 * finishes that answer. Meanwhile it wakes who waits too long for the next bytes of a request,
 * or has been receiving one for too long, byte by byte: a read that a signal ends is the end
 * of that request (fastcgi.h). (SO_RCVTIMEO would cost a call for each connection.)
 * At SIGHUP it reads the configuration again; the next requests are answered by it (tenure.h).
 * Not started as FastCGI, the process answers one request by CGI, as tamis.cgi does.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arguments.h"
#include "clock.h"
#include "core.h"
#include "fastcgi.h"
#include "listen.h"
#include "log.h"
#include "once.h"
#include "tenure.h"
#include "worker.h"

#define WAKE SIGRTMIN
#define PATIENCE_S 5	       /* for the next bytes of a request */
#define WAKE_EVERY_NS 10000000 /* 10 ms */
#define WAKE_TIMES 150
#define DRAIN_US US_PER_S
#define LINGER_MS 300
#define WATCH_EVERY_NS 500000000
#define FAREWELL_NS 500000000

static volatile sig_atomic_t stopping;

struct thread {
	pthread_t id;
	struct hall *hall;
	int socket;
	struct fastcgi fastcgi;
	int64_t end_us;		/* by when the request must have come in */
	_Atomic int64_t due_us; /* by when its next bytes must; 0: it is here, or none comes */
	_Atomic bool waiting;	/* for a connection or the next request of one */
	_Atomic bool ended;
};

static void on_stop(int signal)
{
	(void)signal;
	stopping = 1;
}

static void on_wake(int signal)
{
	(void)signal; /* its coming ends a blocking call */
}

static void handle_signals(sigset_t *stop)
{
	struct sigaction action = {.sa_handler = on_stop};

	sigemptyset(stop);
	sigaddset(stop, SIGTERM);
	sigaddset(stop, SIGINT);
	sigaddset(stop, SIGHUP);
	sigaddset(stop, SIGUSR1); /* how the FastCGI specification asks for a graceful end */
	/* First, and in every thread: only sigtimedwait() takes them, none is lost before it. */
	pthread_sigmask(SIG_BLOCK, stop, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = on_wake;
	sigaction(WAKE, &action, NULL);
	sigaction(SIGHUP, &action, NULL); /* taken as above; never ignored, as by nohup */
	signal(SIGPIPE, SIG_IGN);
}

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

/*
 * Wait for the next request of the connection that was kept; false: none came. By poll(), though
 * read() would do: who sleeps in read() is woken by the web server's taking of the answer as well,
 * and the second wake costs more than the call (measured: 3 us of CPU a request under h2o and
 * nginx). At the end of the process a connection that was idle gets a while for the request that
 * may be on its way, and goes right behind an answer, when the web server does not yet ask again:
 * what it asks on a connection that is closed is a failed request. (Measured under nginx, Apache
 * and h2o: none in 240 restarts under load; 8 in 120 closed without looking, 6 to 12 in 120 closed
 * after 5 ms of silence.)
 */
static bool wait_for_next(struct thread *thread)
{
	struct pollfd kept = {.fd = thread->fastcgi.fd, .events = POLLIN};
	bool leaving = stopping, came;

	if (fastcgi_is_asked(&thread->fastcgi))
		return true;
	thread->waiting = true;
	came = poll(&kept, 1, leaving ? 0 : -1) > 0;
	thread->waiting = false;
	if (!came && !leaving && stopping)
		came = poll(&kept, 1, LINGER_MS) > 0;
	return came;
}

/* None is taken at the end: it waits in the socket for the next process. */
static bool wait_for_connection(struct thread *thread)
{
	int fd = -1;

	if (stopping)
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

/* false: the connection cannot carry another request. */
static bool answer(struct thread *thread)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct fastcgi *fastcgi = &thread->fastcgi;
	const struct buf *out;
	struct seat seat;
	bool whole, sent;

	hall_enter(thread->hall, &seat);
	out = worker_answer(seat.worker, fastcgi->variables, fastcgi->n_variables, read_body, thread,
			    &whole);
	expect_nothing(thread);
	if (out->len >
	    BODY_PIECE) /* more than any socket takes at once might wait for its reader */
		(void)setsockopt(fastcgi->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	sent = fastcgi_answer(fastcgi, out->data, out->len);
	hall_leave(thread->hall, &seat);
	if (sent && !whole)
		drain(fastcgi->fd);
	return sent && whole && fastcgi->keep;
}

static void take_request(struct thread *thread)
{
	bool again = false;

	thread->end_us = clock_coarse_us() + hall_patience_us(thread->hall);
	expect_bytes(thread);
	if (fastcgi_begin(&thread->fastcgi))
		again = answer(thread);
	expect_nothing(thread);
	if (again)
		fastcgi_forget(&thread->fastcgi);
	else
		fastcgi_leave(&thread->fastcgi);
}

static void *serve(void *argument)
{
	struct thread *thread = argument;
	bool came = true;

	fastcgi_init(&thread->fastcgi);
	while (came || !stopping) {
		came = thread->fastcgi.fd >= 0 ? wait_for_next(thread)
					       : wait_for_connection(thread);
		if (came)
			take_request(thread);
	}
	fastcgi_free(&thread->fastcgi);
	thread->ended = true;
	return NULL;
}

/* Wake who waits until all have ended; false: some are stuck in a request. */
static bool end_threads(struct thread *threads, size_t n)
{
	const struct timespec pause = {.tv_nsec = WAKE_EVERY_NS};

	for (int times = 0; times < WAKE_TIMES; times++) {
		size_t ended = 0;

		for (size_t i = 0; i < n; i++) {
			ended += threads[i].ended;
			if (!threads[i].ended && threads[i].waiting)
				(void)pthread_kill(threads[i].id, WAKE);
		}
		if (ended == n)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

/* Until a signal, which is returned, end what takes too long to come in. */
static int watch_threads(const struct thread *threads, size_t n, const sigset_t *stop)
{
	const struct timespec pause = {.tv_nsec = WATCH_EVERY_NS};
	int signal;

	while ((signal = sigtimedwait(stop, NULL, &pause)) < 0) {
		int64_t now_us = clock_coarse_us();

		for (size_t i = 0; i < n; i++) {
			int64_t due_us = threads[i].due_us;

			if (due_us && now_us > due_us)
				(void)pthread_kill(threads[i].id, WAKE);
		}
	}
	return signal;
}

/* What main() was given, to be read again, and what stays of it as it was at the start. */
struct command_line {
	int argc;
	char **argv;
	size_t n_threads;
};

/* False: all stays as it was. */
static bool reload(struct hall *hall, const struct command_line *line)
{
	struct config *config = NULL;
	struct reason why = {""};
	enum status st = arguments_load(&config, line->argc, line->argv, &why);

	if (st == ST_OK && config->http_threads != line->n_threads)
		log_warning("http.threads changes with the next start only");
	if (st == ST_OK)
		st = hall_reload(hall, config, &why);
	if (st == ST_OK) {
		log_notice("the configuration was read again");
		return true;
	}
	log_error("%s; the configuration stays as it was", *why.text ? why.text : status_text(st));
	config_free(config);
	return false;
}

static enum status start_threads(struct thread *threads, size_t n, size_t *started,
				 struct hall *hall, int socket)
{
	for (*started = 0; *started < n; ++*started) {
		struct thread *thread = &threads[*started];

		thread->hall = hall;
		thread->socket = socket;
		if (pthread_create(&thread->id, NULL, serve, thread) != 0)
			return ST_NO_MEMORY;
	}
	return ST_OK;
}

static enum status run_fastcgi(struct hall *hall, const struct command_line *line, int socket,
			       const sigset_t *stop)
{
	/*
	 * Children of Apache that finish what they began send it to this process still; a request
	 * that waits in a socket when that closes is a failed one. mod_fcgid kills after a second.
	 */
	const struct timespec farewell = {.tv_nsec = FAREWELL_NS};
	size_t n = line->n_threads, started = 0;
	struct thread *threads = calloc(n, sizeof *threads);
	enum status st = threads ? ST_OK : ST_NO_MEMORY;

	if (st == ST_OK)
		st = start_threads(threads, n, &started, hall, socket);
	while (st == ST_OK && watch_threads(threads, started, stop) == SIGHUP)
		if (reload(hall, line))
			hall_settle(hall);
	if (st == ST_OK && listen_is_alone(socket))
		(void)nanosleep(&farewell, NULL);
	stopping = 1;
	if (!end_threads(threads, started))
		_exit(status_exit(st)); /* what was answered is on the spool */
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i].id, NULL);
	free(threads);
	return st;
}

/* The configuration is the hall's from here on. */
static enum status run_hall(struct config *config, struct command_line *line, int socket,
			    const sigset_t *stop, struct reason *why)
{
	struct hall *hall;
	enum status st;

	line->n_threads = (size_t)config->http_threads;
	st = hall_open(&hall, config, line->n_threads, why);
	if (st != ST_OK) {
		config_free(config);
		return st;
	}
	st = run_fastcgi(hall, line, socket, stop);
	hall_close(hall);
	return st;
}

/* Where to accept: -1 for CGI. ST_USAGE: started as neither. */
static enum status find_socket(int *socket, const struct config *config, struct reason *why)
{
	*socket = -1;
	if (*config->http_socket)
		return listen_open(socket, config->http_socket, why);
	if (listen_is_socket(STDIN_FILENO))
		*socket = STDIN_FILENO;
	else if (!getenv("REQUEST_METHOD"))
		return reason_set(why, ST_USAGE,
				  "started neither by a web server nor with http.socket; see "
				  "tamis.fcgi(8)");
	return ST_OK;
}

int main(int argc, char **argv)
{
	struct command_line line = {.argc = argc, .argv = argv};
	struct config *config = NULL;
	struct reason why = {""};
	enum status st;
	sigset_t stop;
	int socket;

	log_open(STDERR_FILENO, "tamis.fcgi", LOG_NOTICE);
	handle_signals(&stop);
	core_forbid();
	st = arguments_load(&config, argc, argv, &why);
	if (st == ST_OK)
		st = find_socket(&socket, config, &why);
	if (st == ST_OK && socket >= 0) {
		st = run_hall(config, &line, socket, &stop, &why);
		config = NULL;
	} else if (st == ST_OK) {
		pthread_sigmask(SIG_UNBLOCK, &stop, NULL); /* to end a wait for the body */
		st = once_answer(config, &why);
	}
	if (st != ST_OK)
		log_error("%s", *why.text ? why.text : status_text(st));
	config_free(config);
	return status_exit(st);
}
