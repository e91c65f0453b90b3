/*
 * count_calls - what counting costs: PROCESSES at once on one route, nanoseconds of CPU a call.
 *
 * Prints "accept <ns>", "route <ns>", "add <ns>", "limit <ns>" (all of one client), and ends with 1
 * when a total is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "limit.h"
#include "stub_clean.h"

#define PROCESSES 8
#define CALLS 1000000

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

enum call { CALL_ACCEPT, CALL_ROUTE, CALL_ADD, CALL_LIMIT };

static double run_limit(const char *dir)
{
	const struct config config = {.limit_requests_per_minute = 60000, .limit_burst = 60000};
	struct limit *limit;
	unsigned wait_s;
	double start;

	if (limit_open(&limit, dir, &config, NULL) != ST_OK)
		_exit(1);
	start = cpu_ns();
	for (int i = 0; i < CALLS; i++)
		(void)limit_take(limit, "203.0.113.207", 1, 0, &wait_s);
	start = (cpu_ns() - start) / CALLS;
	limit_close(limit);
	return start;
}

static double run(struct counters *counters, enum call call)
{
	static const struct clean view = {
	    .view = 1, .route = "/orders/{id}", .redactions = {[0] = 1}};
	struct counter_lane *lane;
	double start;

	if (counters_lane(&lane, counters) != ST_OK)
		_exit(1);
	start = cpu_ns();
	for (int i = 0; i < CALLS; i++) {
		if (call == CALL_ACCEPT) {
			(void)counters_stamp(lane);
			counters_accept(lane, &view);
		} else if (call == CALL_ROUTE) {
			counters_route(lane, "GET", "/orders/{id}", 200, 7000);
		} else {
			counters_add(lane, METRIC_RECEIVED, 1);
		}
	}
	start = (cpu_ns() - start) / CALLS;
	counters_lane_end(lane);
	return start;
}

/* The mean of PROCESSES processes that count at the same time. */
static double mean(const struct config *config, enum call call)
{
	double sum = 0, one;
	int pipe_fds[2];

	if (pipe(pipe_fds) < 0)
		exit(1);
	for (int i = 0; i < PROCESSES; i++) {
		struct counters *counters;

		if (fork() != 0)
			continue;
		if (counters_open(&counters, config, NULL) != ST_OK)
			_exit(1);
		one = call == CALL_LIMIT ? run_limit(config->state_dir) : run(counters, call);
		_exit(write(pipe_fds[1], &one, sizeof one) == sizeof one ? 0 : 1);
	}
	for (int i = 0; i < PROCESSES; i++) {
		if (read(pipe_fds[0], &one, sizeof one) != (ssize_t)sizeof one)
			exit(1);
		sum += one;
	}
	while (wait(NULL) > 0)
		;
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return sum / PROCESSES;
}

int main(void)
{
	char dir[] = "/tmp/count_calls.XXXXXX", path[64];
	struct config config = {.counters_max_routes = 256};
	struct counters *counters;
	int right;

	if (!mkdtemp(dir))
		return 1;
	config.state_dir = dir;
	printf("accept %.1f\n", mean(&config, CALL_ACCEPT));
	printf("route %.1f\n", mean(&config, CALL_ROUTE));
	printf("add %.1f\n", mean(&config, CALL_ADD));
	printf("limit %.1f\n", mean(&config, CALL_LIMIT));
	if (counters_open(&counters, &config, NULL) != ST_OK)
		return 1;
	right = counters_get(counters, METRIC_ACCEPTED) == (uint64_t)PROCESSES * CALLS &&
		counters_get(counters, METRIC_RECEIVED) == (uint64_t)PROCESSES * CALLS;
	counters_close(counters);
	snprintf(path, sizeof path, "%s/counters", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/limit", dir);
	unlink(path);
	rmdir(dir);
	return right ? 0 : 1;
}
