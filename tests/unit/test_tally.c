/*
 * Lanes: what is added arrives in the store once, whoever is killed when; full banks, long
 * texts, damaged files, and a rollup that finds another one's half-done work.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "lane_file.h"
#include "place.h"
#include "tally.h"

static struct tally_cell cell(const char *key, uint64_t n)
{
	return (struct tally_cell){TALLY_COUNTS, "directory_view", "2026-11-20", key, "web", n};
}

static struct tally_lane *take(const char *directory)
{
	struct reason why = {""};
	struct tally_lane *lane;

	if (tally_take(&lane, directory, &why) != ST_OK)
		fail_msg("%s", why.text);
	return lane;
}

/* A store in memory that processes share: a transaction is one change of `now`. */
struct world {
	_Atomic unsigned now;
	struct {
		uint64_t total, keys[16];
		char lanes[64][TALLY_ID_BYTES];
		uint64_t batches[64];
	} state[2];
	_Atomic uint64_t acknowledged; /* by writers: added for sure */
	_Atomic uint64_t begun;	       /* at most so many were added */
	bool refuse;
};

static enum status world_apply(void *context, const char *lane, uint64_t batch,
			       const struct tally_cell *cells, size_t n, struct reason *why)
{
	struct world *world = context;
	unsigned now = world->now, next = 1 - now, i = 0;

	if (world->refuse)
		return reason_set(why, ST_UNAVAILABLE, "refused by the test");
	world->state[next] = world->state[now];
	while (i < 63 && world->state[next].lanes[i][0] &&
	       strcmp(world->state[next].lanes[i], lane))
		i++;
	strcpy(world->state[next].lanes[i], lane);
	if (world->state[next].batches[i] >= batch)
		return ST_OK;
	world->state[next].batches[i] = batch;
	for (size_t k = 0; k < n; k++) {
		assert_string_equal(cells[k].name, "directory_view");
		assert_string_equal(cells[k].source, "web");
		world->state[next].total += cells[k].count;
		world->state[next].keys[strtoul(cells[k].key, NULL, 10) % 16] += cells[k].count;
	}
	world->now = next;
	return ST_OK;
}

static struct world *world_open(void)
{
	struct world *world =
	    mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(world != MAP_FAILED);
	return world;
}

static uint64_t drain(const char *directory, struct world *world, enum status expected)
{
	struct tally_drained drained;
	struct reason why = {""};

	assert_int_equal(tally_drain(directory, world_apply, world, &drained, &why), expected);
	return drained.cells;
}

static void add(struct tally_lane *lane, const char *key, uint64_t n)
{
	struct tally_cell c = cell(key, n);

	assert_int_equal(tally_add(lane, &c), ST_OK);
}

static void test_cells(void **state)
{
	struct place *place = place_open(NULL);
	struct world *world = world_open();
	struct tally_lane *a = take(place->keys), *b = take(place->keys);

	(void)state;
	assert_int_equal(drain(place->keys, world, ST_OK), 0);
	add(a, "1", 2);
	add(a, "1", 3);
	add(a, "2", 1);
	add(b, "1", 10);
	assert_int_equal(drain(place->keys, world, ST_OK), 3);
	assert_int_equal(world->state[world->now].keys[1], 15);
	assert_int_equal(drain(place->keys, world, ST_OK), 0);
	add(a, "2", 7);
	tally_end(a);
	tally_end(b);
	assert_int_equal(drain(place->keys, world, ST_OK), 1); /* though nobody holds it */
	assert_int_equal(world->state[world->now].total, 23);
	place_close(place);
}

/* A store that is away: what waits, waits, and what comes meanwhile is added. */
static void test_store_away(void **state)
{
	struct place *place = place_open(NULL);
	struct world *world = world_open();
	struct tally_lane *lane = take(place->keys);

	(void)state;
	world->refuse = true;
	for (int i = 0; i < 5; i++) {
		add(lane, "1", 1);
		assert_int_equal(drain(place->keys, world, ST_UNAVAILABLE), 0);
	}
	world->refuse = false;
	assert_int_equal(drain(place->keys, world, ST_OK), 2); /* a cell of either bank */
	assert_int_equal(world->state[world->now].total, 5);
	tally_end(lane);
	place_close(place);
}

static void test_bounds(void **state)
{
	struct place *place = place_open(NULL);
	struct world *world = world_open();
	struct tally_lane *lane = take(place->keys);
	struct tally_cell c = cell("", 1);
	enum status status = ST_OK;
	char key[TALLY_KEY_MAX + 2];
	uint64_t n = 0;

	(void)state;
	memset(key, '7', sizeof(key));
	key[TALLY_KEY_MAX + 1] = '\0';
	c.key = key;
	assert_int_equal(tally_add(lane, &c), ST_INVALID);
	for (; status == ST_OK; n += status == ST_OK) {
		snprintf(key, sizeof(key), "%llu", (unsigned long long)n);
		status = tally_add(lane, &c);
	}
	assert_int_equal(status, ST_FULL);
	assert_int_equal(n, TALLY_SLOTS_USED_MAX);
	add(lane, "5", 1); /* what is there already still counts */
	assert_int_equal(drain(place->keys, world, ST_OK), n);
	add(lane, "other", 1);
	assert_int_equal(world->state[world->now].total, n + 1);
	tally_end(lane);
	place_close(place);
}

static void test_damaged(void **state)
{
	struct place *place = place_open(NULL);
	struct world *world = world_open();
	struct tally_lane *lane = take(place->keys);
	struct tally_drained drained;
	struct reason why = {""};
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/short.lane", place->keys);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	add(lane, "1", 1);
	assert_int_equal(tally_drain(place->keys, world_apply, world, &drained, &why), ST_CORRUPT);
	assert_int_equal(drained.damaged, 1);
	assert_int_equal(drained.cells, 1);
	unlink(path);
	snprintf(path, sizeof(path), "%s/nowhere", place->keys);
	assert_int_equal(tally_drain(path, world_apply, world, &drained, &why), ST_OK);
	tally_end(lane);
	place_close(place);
}

static void write_for_ever(const char *directory, struct world *world)
{
	struct tally_lane *lane = take(directory);
	char key[8];

	for (unsigned i = 0;; i++) {
		struct tally_cell c = cell(key, 1);
		snprintf(key, sizeof(key), "%u", i % 16);
		world->begun++;
		if (tally_add(lane, &c) == ST_OK)
			world->acknowledged++;
	}
}

static void drain_for_ever(const char *directory, struct world *world)
{
	for (;;) {
		struct tally_drained drained;
		struct reason why = {""};
		if (tally_drain(directory, world_apply, world, &drained, &why) != ST_OK)
			_exit(1);
	}
}

typedef void role_fn(const char *directory, struct world *world);

static pid_t start(role_fn *role, const char *directory, struct world *world)
{
	pid_t pid = fork();

	if (pid == 0)
		role(directory, world);
	return pid;
}

/* Four writers and a rollup, one of them killed each time: all that was acknowledged, once. */
static void test_kills(void **state)
{
	static role_fn *const roles[] = {write_for_ever, write_for_ever, write_for_ever,
					 write_for_ever, drain_for_ever};
	struct place *place = place_open(NULL);
	struct world *world = world_open();
	pid_t pids[5];
	unsigned seed = (unsigned)getpid();
	int how;

	(void)state;
	for (int i = 0; i < 5; i++)
		pids[i] = start(roles[i], place->keys, world);
	for (int kills = 0; kills < 150; kills++) {
		uint64_t until = world->acknowledged + 1 + (unsigned)rand_r(&seed) % 3000;
		while (world->acknowledged < until)
			sched_yield();
		int victim = kills % 2 ? 4 : rand_r(&seed) % 4;
		kill(pids[victim], SIGKILL);
		waitpid(pids[victim], &how, 0);
		assert_true(WIFSIGNALED(how));
		pids[victim] = start(roles[victim], place->keys, world);
	}
	for (int i = 0; i < 5; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &how, 0);
	}
	(void)drain(place->keys, world, ST_OK);
	(void)drain(place->keys, world, ST_OK);
	uint64_t total = world->state[world->now].total;
	assert_true(total >= world->acknowledged);
	assert_true(total <= world->begun);
	assert_true(world->begun - world->acknowledged <= 200); /* at most one a kill */
	place_close(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cells),  cmocka_unit_test(test_store_away),
	    cmocka_unit_test(test_bounds), cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
