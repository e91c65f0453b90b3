/*
 * Counters under kill -9: many processes of several threads, killed at random moments while
 * others take over their lanes. Each event is written to a file as it would be to the spool;
 * once the files of the dead were recounted the totals equal the files, to the unit.
 */
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "counters.h"
#include "lanes.h"
#include "stub_clean.h"

#define PROCESSES 4
#define THREADS 3
#define KILLS 100
#define ROUTES 5
#define STEP 1000
#define ROOM 20000

struct record {
	struct stamp stamp;
	uint64_t route;
};

static const char *const routes[ROUTES] = {"/a", "/b", "/c", "/d", "/e"};
static char dir[] = "/tmp/test_kill.XXXXXX";
/* Shared: events counted by all processes, and how many they may count. */
static struct pace {
	_Atomic uint64_t done;
	_Atomic uint64_t allowed;
} * pace;

static struct clean event_of(uint64_t route)
{
	return (struct clean){.view = 1, .route = routes[route], .redactions = {[0] = 1}};
}

static struct counters *opened(void)
{
	static const struct config config = {.state_dir = dir, .counters_max_routes = 8};
	struct counters *counters;

	return counters_open(&counters, &config, NULL) == ST_OK ? counters : NULL;
}

static void *work(void *argument)
{
	struct counters *counters = argument;
	struct counter_lane *lane;
	char path[96];
	unsigned seed;
	int fd;

	if (counters_lane(&lane, counters) != ST_OK)
		_exit(1);
	seed = (unsigned)getpid() * 31 + counters_stamp(lane).lane;
	snprintf(path, sizeof path, "%s/spool.%d.%u", dir, (int)getpid(),
		 counters_stamp(lane).lane);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	for (;;) {
		uint64_t route = (uint64_t)rand_r(&seed) % ROUTES;
		struct record record = {counters_stamp(lane), route};
		struct clean clean = event_of(route);

		if (write(fd, &record, sizeof record) != (ssize_t)sizeof record)
			_exit(2);
		counters_accept(lane, &clean);
		while (pace->done >= pace->allowed)
			sched_yield();
		pace->done++;
	}
	return NULL;
}

static pid_t start(void)
{
	pid_t pid = fork();
	struct counters *counters;
	pthread_t thread;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	counters = opened();
	for (int i = 1; counters && i < THREADS; i++)
		pthread_create(&thread, NULL, work, counters);
	if (counters)
		work(counters);
	_exit(3);
}

/* Recount a file of a dead process; adds what it holds to expected. */
static void recount_file(struct counters *counters, const char *path, uint64_t *expected)
{
	struct record record;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	while (read(fd, &record, sizeof record) == (ssize_t)sizeof record) {
		struct clean clean = event_of(record.route);

		expected[record.route]++;
		(void)counters_recount(counters, &record.stamp, &clean);
		(void)counters_recount(counters, &record.stamp, &clean);
	}
	close(fd);
	unlink(path);
}

/* All files of a dead process; pid 0: of all. */
static void recount(struct counters *counters, pid_t pid, uint64_t *expected)
{
	char pattern[96];
	glob_t found;

	if (pid)
		snprintf(pattern, sizeof pattern, "%s/spool.%d.*", dir, (int)pid);
	else
		snprintf(pattern, sizeof pattern, "%s/spool.*", dir);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		recount_file(counters, found.gl_pathv[i], expected);
	globfree(&found);
}

static void check_totals(struct counters *counters, const uint64_t *expected)
{
	uint64_t all = 0;

	for (uint32_t slot = 0; slot < counters_map(counters)->layout.route_slots; slot++) {
		size_t len;
		const char *text = route_text(counters_map(counters), slot, &len);

		for (unsigned i = 0; text && i < ROUTES; i++)
			if (len == 2 && memcmp(text, routes[i], 2) == 0)
				assert_int_equal(
				    lanes_sum(counters_map(counters), LANE_VIEWS + slot),
				    expected[i]);
	}
	for (unsigned i = 0; i < ROUTES; i++)
		all += expected[i];
	assert_int_equal(counters_get(counters, METRIC_ACCEPTED), all);
	assert_int_equal(lanes_sum(counters_map(counters), LANE_CLASSES), all);
}

static void test_kill(void **state)
{
	pid_t pids[PROCESSES];
	uint64_t expected[ROUTES] = {0};
	struct counters *counters;
	pid_t late = 0;
	char path[96];

	(void)state;
	assert_non_null(mkdtemp(dir));
	pace = mmap(NULL, sizeof *pace, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(pace != MAP_FAILED);
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = start();
	counters = opened();
	assert_non_null(counters);
	for (int i = 0; i < KILLS; i++) {
		uint64_t goal = pace->done + (uint64_t)(rand() % STEP);
		pid_t *victim = &pids[rand() % PROCESSES];
		int status;

		pace->allowed = pace->done + ROOM;
		while (pace->done < goal) {
			assert_int_equal(waitpid(-1, &status, WNOHANG), 0);
			sched_yield();
		}
		kill(*victim, SIGKILL);
		waitpid(*victim, &status, 0);
		/*
		 * As the next process of the same user does, or the one after: a lane remembers
		 * UNRESOLVED_MAX of its dead, and where processors are short each leaves one.
		 */
		if (i % 2) {
			recount(counters, late, expected);
			recount(counters, *victim, expected);
		}
		late = *victim;
		*victim = start();
	}
	for (int i = 0; i < PROCESSES; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	recount(counters, 0, expected);
	check_totals(counters, expected);
	assert_true(map_lanes(counters_map(counters)) <= 1 + 2 * PROCESSES * THREADS);
	counters_close(counters);
	snprintf(path, sizeof path, "%s/counters", dir);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
