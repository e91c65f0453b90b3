#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "file.h"
#include "import_ledger.h"

#define MAY_2015 1431857000
#define JUNE_2015 1433200000
#define HEADER_BYTES 64

static char top[] = "/tmp/tamis-test-ledger-XXXXXX";
static char dir[64];
static struct reason why;

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/import", top);
	return 0;
}

static void remove_files(void)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)) != NULL)
		(void)unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
	(void)rmdir(dir);
}

static int remove_directory(void **state)
{
	(void)state;
	remove_files();
	return rmdir(top);
}

static int fresh(void **state)
{
	(void)state;
	remove_files();
	return 0;
}

/* Run an input of one-letter lines; those imported are added, and returned as a string. */
static const char *run(const char *lines, int64_t time_s, const char *website)
{
	static char taken[64];
	struct import_ledger *ledger;
	size_t n = 0;

	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	ledger_begin(ledger);
	for (; *lines; lines++) {
		uint64_t hash = ledger_hash(ledger, website, "host", lines, 1);
		bool imported;

		assert_int_equal(ledger_see(ledger, time_s, hash, &imported, &why), ST_OK);
		if (imported)
			continue;
		assert_int_equal(ledger_add(ledger, time_s, hash, &why), ST_OK);
		taken[n++] = *lines;
	}
	taken[n] = '\0';
	ledger_close(ledger);
	return taken;
}

static void a_second_run_adds_nothing(void **state)
{
	(void)state;
	assert_string_equal(run("abcab", MAY_2015, "w"), "abcab");
	assert_string_equal(run("abcab", MAY_2015, "w"), "");
}

static void a_log_may_grow_rotate_and_overlap(void **state)
{
	(void)state;
	assert_string_equal(run("aab", MAY_2015, "w"), "aab");
	assert_string_equal(run("aabac", MAY_2015, "w"), "ac");
	assert_string_equal(run("bac", MAY_2015, "w"), "");
	assert_string_equal(run("acd", MAY_2015, "w"), "d");
	assert_string_equal(run("aaaa", MAY_2015, "w"), "a");
}

static void inputs_of_one_run_are_counted_apart(void **state)
{
	struct import_ledger *ledger;
	bool imported;
	uint64_t hash;

	(void)state;
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	hash = ledger_hash(ledger, "w", "h", "line", 4);
	ledger_begin(ledger);
	assert_int_equal(ledger_see(ledger, MAY_2015, hash, &imported, &why), ST_OK);
	assert_false(imported);
	assert_int_equal(ledger_add(ledger, MAY_2015, hash, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, hash, &imported, &why), ST_OK);
	assert_false(imported);
	ledger_begin(ledger);
	assert_int_equal(ledger_see(ledger, MAY_2015, hash, &imported, &why), ST_OK);
	assert_true(imported);
	ledger_close(ledger);
}

static void websites_and_months_are_apart(void **state)
{
	(void)state;
	assert_string_equal(run("a", MAY_2015, "w"), "a");
	assert_string_equal(run("a", MAY_2015, "v"), "a");
	assert_string_equal(run("a", JUNE_2015, "w"), "a");
	assert_string_equal(run("aa", MAY_2015, "v"), "a");
}

static void many_lines_are_found_again(void **state)
{
	struct import_ledger *ledger;
	bool imported;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
		for (uint64_t i = 0; i < 10000; i++) {
			uint64_t hash = ledger_hash(ledger, "w", "h", (const char *)&i, sizeof(i));

			assert_int_equal(ledger_see(ledger, MAY_2015, hash, &imported, &why),
					 ST_OK);
			assert_int_equal(imported, round == 1);
			if (!imported)
				assert_int_equal(ledger_add(ledger, MAY_2015, hash, &why), ST_OK);
		}
		ledger_close(ledger);
	}
}

static int open_month(void)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/2015-05.ledger", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void a_torn_entry_is_none(void **state)
{
	int fd;

	(void)state;
	(void)run("abc", MAY_2015, "w");
	fd = open_month();
	assert_int_equal(lseek(fd, 0, SEEK_END), HEADER_BYTES + 3 * 8);
	assert_int_equal(ftruncate(fd, HEADER_BYTES + 2 * 8 + 5), 0);
	close(fd);
	assert_string_equal(run("abcd", MAY_2015, "w"), "cd");
	assert_string_equal(run("abcd", MAY_2015, "w"), "");
}

/* As if the machine had been started again since. */
static void forget_boot(void)
{
	int fd = open_month();

	assert_int_equal(pwrite(fd, "another boot", 12, 8), 12);
	close(fd);
}

static void after_a_power_cut_only_confirmed_entries_count(void **state)
{
	struct import_ledger *ledger;
	bool imported;

	(void)state;
	(void)run("ab", MAY_2015, "w");
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_OK);
	assert_int_equal(ledger_confirm(ledger, false, &why), ST_OK);
	assert_int_equal(ledger_add(ledger, MAY_2015, 7, &why), ST_OK);
	ledger_close(ledger);
	forget_boot();
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_OK);
	assert_false(imported);
	ledger_close(ledger);
	assert_string_equal(run("ab", MAY_2015, "w"), "");

	assert_string_equal(run("abc", MAY_2015, "w"), "c");
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_OK);
	assert_int_equal(ledger_confirm(ledger, true, &why), ST_OK);
	ledger_close(ledger);
	forget_boot();
	assert_string_equal(run("abc", MAY_2015, "w"), "");
}

/* A process that goes at the given step of importing one line. */
static void go_at(int step, uint64_t hash)
{
	const struct stamp stamp = {.epoch = 5, .seq = 6, .lane = 7};
	struct import_ledger *ledger;
	bool imported;

	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, hash, &imported, &why), ST_OK);
	assert_false(imported);
	if (step > 0)
		assert_int_equal(ledger_intend(ledger, MAY_2015, hash, &stamp, &why), ST_OK);
	if (step > 1)
		assert_int_equal(ledger_add(ledger, MAY_2015, hash, &why), ST_OK);
	ledger_close(ledger);
}

static bool is_pending(struct import_intent *intent)
{
	struct import_ledger *ledger;
	bool pending;

	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_pending(ledger, &pending, intent, &why), ST_OK);
	ledger_close(ledger);
	return pending;
}

static void what_a_killed_run_was_about_to_do_is_known(void **state)
{
	struct import_intent intent;
	char path[128];
	int fd;

	(void)state;
	assert_false(is_pending(&intent));
	go_at(0, 11);
	assert_false(is_pending(&intent));
	go_at(2, 11);
	assert_false(is_pending(&intent));
	go_at(1, 22);
	assert_true(is_pending(&intent));
	assert_int_equal(intent.hash, 22);
	assert_int_equal(intent.time_s, MAY_2015);
	assert_int_equal(intent.stamp.epoch, 5);
	assert_int_equal(intent.stamp.seq, 6);
	assert_int_equal(intent.stamp.lane, 7);
	(void)snprintf(path, sizeof(path), "%s/intent", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, 9), 1); /* torn */
	close(fd);
	assert_false(is_pending(&intent));
}

static void a_full_disk_is_told_and_forgets_nothing(void **state)
{
	struct rlimit limit = {HEADER_BYTES + 3 * 8 + 5, RLIM_INFINITY}, before;
	struct import_ledger *ledger;
	bool imported;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)run("abc", MAY_2015, "w");
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_OK);
	limit.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(ledger_add(ledger, MAY_2015, 7, &why), ST_IO);
	assert_non_null(strstr(why.text, dir));
	ledger_close(ledger);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_OK);
	assert_false(imported);
	ledger_close(ledger);
	assert_string_equal(run("abcd", MAY_2015, "w"), "d");
}

static void damage_and_a_lost_key_are_told(void **state)
{
	struct import_ledger *ledger, *second;
	char path[128];
	bool imported;
	int fd;

	(void)state;
	(void)run("a", MAY_2015, "w");
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_open(&second, dir, &why), ST_BUSY);
	ledger_close(ledger);
	fd = open_month();
	assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	close(fd);
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_OK);
	assert_int_equal(ledger_see(ledger, MAY_2015, 7, &imported, &why), ST_CORRUPT);
	assert_non_null(strstr(why.text, "2015-05.ledger"));
	ledger_close(ledger);
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ledger_open(&ledger, dir, &why), ST_CORRUPT);
	assert_non_null(strstr(why.text, "key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_second_run_adds_nothing, fresh),
	    cmocka_unit_test_setup(a_log_may_grow_rotate_and_overlap, fresh),
	    cmocka_unit_test_setup(inputs_of_one_run_are_counted_apart, fresh),
	    cmocka_unit_test_setup(websites_and_months_are_apart, fresh),
	    cmocka_unit_test_setup(many_lines_are_found_again, fresh),
	    cmocka_unit_test_setup(a_torn_entry_is_none, fresh),
	    cmocka_unit_test_setup(after_a_power_cut_only_confirmed_entries_count, fresh),
	    cmocka_unit_test_setup(what_a_killed_run_was_about_to_do_is_known, fresh),
	    cmocka_unit_test_setup(a_full_disk_is_told_and_forgets_nothing, fresh),
	    cmocka_unit_test_setup(damage_and_a_lost_key_are_told, fresh),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
