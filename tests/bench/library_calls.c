/*
 * library_calls - what calls of libtamis cost their caller, in microseconds of its CPU time;
 * beside them a bare write() of as many bytes as an event takes on the spool.
 *
 * library_calls DIRECTORY (emptied by who gives it; the day's key goes to /dev/shm)
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libtamis.h"

#define CALLS 100000
#define ROUTES 2000000
#define THREADS 4
#define CHILDREN 20
#define RECORD_BYTES 480

#define AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

static const char event[] =
    "{\"type\":\"event\",\"payload\":{\"name\":\"signup\",\"data\":{\"plan\":\"pro\"}}}";
static const char view[] =
    "{\"type\":\"event\",\"payload\":{\"hostname\":\"shop.example.com\",\"url\":"
    "\"/orders/1234?ref=mail&token=abc123\",\"title\":\"Your order\",\"language\":\"en-GB\"}}";
static struct tamis *tamis;

static double now_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void send_one(const char *json, size_t len, const struct tamis_visitor *visitor)
{
	char why[256];

	if (tamis_send(tamis, json, len, visitor, why, sizeof why) == TAMIS_KEPT)
		return;
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static double sends_us(const char *json, const struct tamis_visitor *visitor)
{
	size_t len = strlen(json);
	double start = now_us(CLOCK_THREAD_CPUTIME_ID);

	for (int i = 0; i < CALLS; i++)
		send_one(json, len, visitor);
	return (now_us(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
}

static void *send_in_thread(void *us)
{
	*(double *)us = sends_us(event, NULL);
	return NULL;
}

static double threads_us(void)
{
	pthread_t threads[THREADS];
	double us[THREADS], sum = 0;

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, send_in_thread, &us[i]) != 0)
			exit(1);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += us[i];
	}
	return sum / THREADS;
}

static double routes_us(void)
{
	double start = now_us(CLOCK_THREAD_CPUTIME_ID);

	for (int i = 0; i < ROUTES; i++)
		(void)tamis_route(tamis, "GET", "/orders/{id}", 200, 7000);
	return (now_us(CLOCK_THREAD_CPUTIME_ID) - start) / ROUTES;
}

/* From the fork to the end of the child's first call. */
static double child_us(void)
{
	double start = now_us(CLOCK_MONOTONIC);

	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (child == 0) {
			send_one(event, strlen(event), NULL);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	return (now_us(CLOCK_MONOTONIC) - start) / CHILDREN;
}

static double write_us(const char *dir)
{
	char path[1024], bytes[RECORD_BYTES] = "";
	double start;
	int fd;

	snprintf(path, sizeof path, "%s/bare", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	start = now_us(CLOCK_THREAD_CPUTIME_ID);
	for (int i = 0; i < CALLS; i++)
		if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes)
			exit(1);
	start = (now_us(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
	close(fd);
	unlink(path);
	return start;
}

int main(int argc, char **argv)
{
	const struct tamis_visitor visitor = {
	    .size = sizeof visitor, .address = "127.0.0.1", .user_agent = AGENT};
	char state[1024], why[256];
	const char *settings[] = {state, "umami.website_id=9b379b11-cd77-4afa-995e-06e009cab81c",
				  "spool.max_bytes=4294967296", NULL};
	const struct tamis_options options = {.size = sizeof options,
					      .app_name = "bench",
					      .config_path = "/dev/null",
					      .settings = settings};

	if (argc != 2)
		return 64;
	snprintf(state, sizeof state, "state.dir=%s/state", argv[1]);
	if (tamis_start(&tamis, &options, why, sizeof why) != 0) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	printf("write %.3f\n", write_us(argv[1]));
	printf("event %.3f\n", sends_us(event, NULL));
	printf("view %.3f\n", sends_us(view, &visitor));
	printf("threads %.3f\n", threads_us());
	printf("route %.3f\n", routes_us());
	printf("child %.0f\n", child_us());
	return tamis_stop(tamis) < 0;
}
