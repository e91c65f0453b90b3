/*
 * respond - tamis.fcgi: the accept loop, nothing else.
 *
 * N threads accept on one socket and answer (thread.h). The first one waits for the signal to end
 * and then wakes those that wait; who answers finishes that answer. Meanwhile it wakes who waits
 * too long for the next bytes of a request, or has been receiving one for too long, byte by byte: a
 * read that a signal ends is the end of that request (fastcgi.h). (SO_RCVTIMEO would cost a call
 * for each connection.) At SIGHUP it reads the configuration again; the next requests are answered
 * by it (tenure.h). Not started as FastCGI, the process answers one request by CGI, as tamis.cgi
 * does.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "clock.h"
#include "core.h"
#include "listen.h"
#include "log.h"
#include "once.h"
#include "thread.h"

#define WAKE SIGRTMIN
#define WAKE_EVERY_NS 10000000 /* 10 ms */
#define WAKE_TIMES 150
#define WATCH_EVERY_NS 500000000
#define FAREWELL_NS 500000000

static volatile sig_atomic_t stopping;

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
				 struct hall *hall, struct kept *kept, int socket)
{
	for (*started = 0; *started < n; ++*started) {
		struct thread *thread = &threads[*started];

		thread->stopping = &stopping;
		thread->hall = hall;
		thread->kept = kept;
		thread->place = kept_place(kept, *started);
		thread->socket = socket;
		if (pthread_create(&thread->id, NULL, thread_run, thread) != 0)
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
	struct kept *kept = NULL;
	enum status st = threads ? kept_open(&kept, n) : ST_NO_MEMORY;

	if (st == ST_OK)
		st = start_threads(threads, n, &started, hall, kept, socket);
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
	kept_close(kept);
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
