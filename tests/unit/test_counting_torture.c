/*
 * Memory, files and the database fail: each call in turn, from reading the registry over
 * adding to a lane to the rollup into SQLite. Whatever fails is told, and what was added
 * is in the store once after the next rollup that nothing disturbs.
 *
 * Calls of the rooms themselves are intercepted by the linker (--wrap), allocations also
 * those of SQLite and libyaml (failing_malloc.c; under ASan the rooms' own alone).
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "unit.h"

#include "clock.h"
#include "counts.h"
#include "day.h"
#include "failing.h"
#include "place.h"
#include "registry.h"
#include "rollup.h"
#include "state.h"
#include "store.h"

#define ADDED 5 /* increments of a life, of two cells */

/* The how manieth call of the kind fails (0: none); how many there were. */
static const char *failing;
static unsigned failing_at, calls;

int fails(const char *name)
{
	if (!failing || strcmp(name, failing) != 0)
		return 0;
	return ++calls == failing_at;
}

#define WRAPPED(type, name, kind, parameters, arguments, failed, error)                            \
	extern type __real_##name parameters;                                                      \
	type __wrap_##name parameters __attribute__((visibility("default")));                      \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		if (!fails(kind))                                                                  \
			return __real_##name arguments;                                            \
		errno = error;                                                                     \
		return failed;                                                                     \
	}

WRAPPED(int, posix_fallocate, "file", (int fd, off_t at, off_t len), (fd, at, len), ENOSPC, ENOSPC)
WRAPPED(ssize_t, pwrite, "file", (int fd, const void *data, size_t len, off_t at),
	(fd, data, len, at), -1, ENOSPC)
WRAPPED(int, fsync, "file", (int fd), (fd), -1, EIO)
WRAPPED(int, msync, "file", (void *at, size_t len, int flags), (at, len, flags), -1, EIO)
WRAPPED(int, rename, "file", (const char *from, const char *to), (from, to), -1, EIO)
WRAPPED(int, fchmod, "file", (int fd, mode_t mode), (fd, mode), -1, EPERM)
WRAPPED(int, mkdir, "file", (const char *path, mode_t mode), (path, mode), -1, EACCES)
WRAPPED(void *, mmap, "file", (void *hint, size_t len, int prot, int flags, int fd, off_t at),
	(hint, len, prot, flags, fd, at), MAP_FAILED, ENOMEM)
WRAPPED(int, sqlite3_open_v2, "sql", (const char *name, sqlite3 **db, int flags, const char *vfs),
	(name, db, flags, vfs), SQLITE_CANTOPEN, EIO)
WRAPPED(int, sqlite3_prepare_v3, "sql",
	(sqlite3 * db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
	 const char **tail),
	(db, sql, len, flags, out, tail), SQLITE_NOMEM, ENOMEM)
WRAPPED(int, sqlite3_step, "sql", (sqlite3_stmt * stmt), (stmt), SQLITE_IOERR, EIO)
WRAPPED(int, sqlite3_exec, "sql",
	(sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *context,
	 char **error),
	(db, sql, row, context, error), SQLITE_FULL, ENOSPC)

static void start_failing(const char *kind, unsigned at)
{
	calls = 0;
	failing_at = at;
	failing = kind;
}

static unsigned stop_failing(void)
{
	failing = NULL;
	return calls;
}

static unsigned add(const struct config *config)
{
	char directory[STATE_PATH_BYTES], day[DAY_BYTES];
	struct tally_cell cell = {TALLY_COUNTS, "directory_view", "", "1", "web", 1};
	struct reason why = {""};
	struct tally_lane *lane;
	unsigned added = 0;

	cell.day = day_text(day, (int32_t)clock_day(clock_wall_us()));
	state_path(directory, config, STATE_TALLY);
	if (tally_take(&lane, directory, &why) != ST_OK) {
		assert_true(*why.text);
		return 0;
	}
	for (unsigned i = 0; i < ADDED; i++) {
		cell.key = i % 2 ? "1" : "2";
		added += tally_add(lane, &cell) == ST_OK;
	}
	tally_end(lane);
	return added;
}

static enum status roll_up(const struct config *config)
{
	struct tally_drained drained;
	struct rollup *rollup;
	struct reason why = {""};
	enum status status = rollup_open(&rollup, config, &why);

	if (status == ST_OK) {
		status = rollup_once(rollup, &drained, &why);
		rollup_close(rollup);
	}
	assert_true(status == ST_OK || *why.text);
	return status;
}

static void take_count(void *context, const struct counts_row *row)
{
	*(uint64_t *)context += row->count;
}

static uint64_t stored(const struct config *config)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	const struct counts_question question = {"", "", today - 1, today, GROUP_DATE, 1000};
	struct counts_reader *reader;
	struct reason why = {""};
	uint64_t n = 0;

	assert_int_equal(counts_reader_new(&reader, config), ST_OK);
	if (counts_read(reader, &question, take_count, &n, &why) != ST_OK)
		fail_msg("%s", why.text);
	counts_reader_free(reader);
	return n;
}

/*
 * A process' life while the call fails, then an undisturbed one. Where all calls are too
 * many, steps grow: the first 100 one by one, then each a fiftieth farther.
 */
static void torture(const char *kind)
{
	struct place *place = place_open(NULL);
	struct config config = *place->config;
	unsigned told = 0, tried = 0, all;
	uint64_t added = 0;

	config.state_dir = place->keys; /* each commit is synced: on tmpfs for nothing */
	start_failing(kind, 0);
	added += add(&config);
	assert_int_equal(roll_up(&config), ST_OK);
	all = stop_failing();
	assert_true(all > 5);
	for (unsigned i = 1; i <= all; i += 1 + (i > 100 ? i / 50 : 0)) {
		char command[128];
		/* Every second time nothing is there yet. */
		snprintf(command, sizeof(command), "rm -rf %s/tally %s/store", place->keys,
			 place->keys);
		if (tried++ % 2 == 0) {
			assert_int_equal(system(command), 0);
			added = 0;
		}
		start_failing(kind, i);
		unsigned taken = add(&config);
		bool rolled = roll_up(&config) == ST_OK;
		stop_failing();
		told += taken < ADDED || !rolled;
		added += taken + add(&config);
		assert_int_equal(roll_up(&config), ST_OK);
		assert_int_equal(stored(&config), added);
	}
	assert_true(told > tried / 4);
	place_close(place);
}

static void test_files(void **state)
{
	(void)state;
	torture("file");
}

static void test_database(void **state)
{
	(void)state;
	torture("sql");
}

static void test_memory(void **state)
{
	(void)state;
	torture("malloc");
}

/* Each allocation of reading a registry: told as such, and never half of it. */
static void test_registry(void **state)
{
	const char *path = getenv("top_srcdir");
	enum status status = ST_NO_MEMORY;
	struct registry *registry;
	char file[1024];
	unsigned n = 0;

	(void)state;
	snprintf(file, sizeof(file), "%s/examples/registry.yaml", path ? path : ".");
	for (unsigned at = 1; status != ST_OK; at++) {
		struct reason why = {""};
		start_failing("malloc", at);
		status = registry_open(&registry, file, &why);
		n = stop_failing();
		if (status != ST_OK) {
			assert_null(registry);
			if (status != ST_NO_MEMORY || !*why.text)
				fail_msg("allocation %u: %s: %s", at, status_text(status),
					 why.text);
		}
	}
	assert_true(n >= 3); /* under ASan without libyaml's */
	assert_true(registry_size(registry) > 5);
	registry_close(registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_database),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_registry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
