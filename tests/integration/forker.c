/*
 * forker - a process that forks all the time while its threads send by libtamis.
 *
 * forker SECONDS ACKS-FILE [kill] [forward]
 * Every event has a number of its own, which goes to ACKS-FILE, "number\n", once its
 * tamis_send() returned TAMIS_KEPT. Children send at once from threads of their own, fork
 * again now and then, and end in turn by tamis_stop(), by _exit() and, with `kill`, by
 * SIGKILL. The last line of standard output: events asked for, routes counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libtamis.h"

#define THREADS 3
#define CHILDREN 4
#define BURST 4
#define LIVES_MS 120

/* Between all processes. */
struct shared {
	atomic_ulong events, routes;
};

static struct shared *shared;
static struct tamis *tamis;
static int acks;
static atomic_bool stopping;

static void fail(const char *what)
{
	dprintf(STDERR_FILENO, "forker: %s\n", what);
	_exit(1);
}

static void rest_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

static void send_one(void)
{
	unsigned long number = atomic_fetch_add(&shared->events, 1);
	char json[256], why[256], line[32];
	int result, len;

	snprintf(json, sizeof json,
		 "{\"type\":\"event\",\"payload\":{\"name\":\"fork\",\"data\":{\"n\":%lu}}}",
		 number);
	result = tamis_send(tamis, json, strlen(json), NULL, why, sizeof why);
	if (result != TAMIS_KEPT)
		fail(why);
	len = snprintf(line, sizeof line, "%lu\n", number);
	if (write(acks, line, (size_t)len) != len)
		fail("acks");
	if (tamis_route(tamis, "GET", "/fork", 200, 1000) != 0)
		fail("route");
	atomic_fetch_add(&shared->routes, 1);
}

static void *send_all(void *unused)
{
	(void)unused;
	while (!stopping) {
		for (int i = 0; i < BURST; i++)
			send_one();
		rest_ms(8);
	}
	return NULL;
}

/* What is not delivered in time is on the spool. */
static void stop(void)
{
	int result = tamis_stop(tamis);

	if (result < 0 && result != TAMIS_ETIME)
		fail("stop");
}

static void start_threads(pthread_t threads[THREADS])
{
	stopping = false;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, send_all, NULL) != 0)
			fail("thread");
}

static void end_threads(pthread_t threads[THREADS])
{
	stopping = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* The grandchild goes on as its parent does, with threads of its own. Never returns. */
static void live(bool stop_it, bool fork_again)
{
	pthread_t threads[THREADS];
	pid_t child = -1;

	send_one();
	start_threads(threads);
	rest_ms(LIVES_MS / 3);
	if (fork_again)
		child = fork();
	if (child == 0)
		start_threads(threads);
	rest_ms(LIVES_MS);
	if (stop_it) {
		end_threads(threads);
		stop();
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	_exit(0);
}

/* One generation after the other; true if all ended as they should. */
static bool bear(int round, bool kill_some)
{
	pid_t children[CHILDREN];
	bool good = true;

	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i] == 0)
			live((round + i) % 2, i == 0);
		rest_ms(3);
	}
	rest_ms(LIVES_MS / 2);
	for (int i = 0; i < CHILDREN; i++) {
		bool killed = kill_some && (round + i) % 3 == 0;
		int status;

		if (killed)
			kill(children[i], SIGKILL);
		waitpid(children[i], &status, 0);
		good = good && (killed || status == 0);
	}
	return good;
}

static bool has(int argc, char **argv, const char *word)
{
	for (int i = 3; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return true;
	return false;
}

static void say(void *context, int level, const char *line)
{
	(void)context;
	dprintf(STDERR_FILENO, "%d %s\n", level, line);
}

int main(int argc, char **argv)
{
	struct tamis_options options = {.size = sizeof options, .app_name = "forker"};
	time_t end = time(NULL) + atoi(argv[1]);
	bool kill_some = has(argc, argv, "kill");
	pthread_t threads[THREADS];
	char why[256];
	bool good = true;

	acks = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (acks < 0 || shared == MAP_FAILED)
		fail("acks");
	tamis_log(say, NULL);
	options.flags = has(argc, argv, "forward") ? TAMIS_FORWARD : 0;
	if (tamis_start(&tamis, &options, why, sizeof why) != 0)
		fail(why);
	start_threads(threads);
	for (int round = 0; time(NULL) < end; round++)
		good = bear(round, kill_some) && good;
	end_threads(threads);
	stop();
	printf("%lu %lu\n", shared->events, shared->routes);
	return good ? 0 : 1;
}
