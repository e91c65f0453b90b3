#include "unit.h"

#include <errno.h>
#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "identity.h"

#define DAY 20778

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/dev/shm/tamis-test-XXXXXX");
	return mkdtemp(dir) && sodium_init() >= 0 ? 0 : -1;
}

/* Calls use() for every entry; returns how many there are. */
static int each_entry(void (*use)(const char *name))
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	int n = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (use)
			use(entry->d_name);
	}
	closedir(entries);
	return n;
}

static void drop(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int clear(void **state)
{
	(void)state;
	each_entry(drop);
	return chmod(dir, 0700);
}

static int teardown(void **state)
{
	clear(state);
	return rmdir(dir);
}

static struct identity *opened(void)
{
	struct identity *identity = NULL;
	struct reason why;

	if (identity_open(&identity, dir, &why) != ST_OK)
		fail_msg("%s", why.text);
	return identity;
}

static void key_of(int64_t day, unsigned char key[IDENTITY_KEY_BYTES])
{
	struct identity *identity = opened();

	assert_int_equal(identity_key(identity, day, key), ST_OK);
	identity_close(identity);
}

static bool has_key(int64_t day, struct stat *st)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/key-%lld", dir, (long long)day);
	return stat(path, st) == 0;
}

static void a_day_has_one_key_for_all(void **state)
{
	unsigned char a[IDENTITY_KEY_BYTES], b[IDENTITY_KEY_BYTES], zero[IDENTITY_KEY_BYTES] = {0};
	struct stat st;

	(void)state;
	key_of(DAY, a);
	key_of(DAY, b);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, zero, sizeof(a));
	assert_true(has_key(DAY, &st));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, IDENTITY_KEY_BYTES);
	assert_int_equal(each_entry(NULL), 1);
}

static void expiry_makes_no_key(void **state)
{
	struct identity *identity = opened();
	unsigned char key[IDENTITY_KEY_BYTES];
	struct reason why;
	struct stat st;
	char path[128];

	(void)state;
	key_of(DAY, key);
	assert_int_equal(identity_expire(identity, DAY, &why), ST_OK);
	assert_int_equal(identity_expire(identity, DAY - 1, &why), ST_OK);
	assert_true(has_key(DAY, &st));
	assert_int_equal(identity_expire(identity, DAY + 1, &why), ST_OK);
	assert_int_equal(each_entry(NULL), 0);
	snprintf(path, sizeof(path), "%s/key-%d", dir, DAY - 9);
	assert_int_equal(mkdir(path, 0700), 0); /* what no unlink() takes away */
	assert_int_equal(identity_expire(identity, DAY, &why), ST_IO);
	assert_non_null(strstr(why.text, "stays"));
	assert_int_equal(rmdir(path), 0);
	identity_close(identity);
}

static void midnight_destroys_the_old_key(void **state)
{
	unsigned char old[IDENTITY_KEY_BYTES], new[IDENTITY_KEY_BYTES], seen[IDENTITY_KEY_BYTES];
	char path[128];
	struct stat st;
	FILE *file;

	(void)state;
	key_of(DAY, old);
	snprintf(path, sizeof(path), "%s/key-%d", dir, DAY);
	file = fopen(path, "r");
	assert_non_null(file);
	key_of(DAY + 1, new);
	assert_memory_not_equal(old, new, sizeof(old));
	assert_false(has_key(DAY, &st));
	/* overwritten, not only unlinked: whoever has it open reads noise */
	assert_int_equal(fread(seen, 1, sizeof(seen), file), sizeof(seen));
	assert_memory_not_equal(old, seen, sizeof(old));
	fclose(file);
	/* an event of just before midnight gets the new day's key, no old one comes back */
	key_of(DAY, old);
	assert_memory_equal(old, new, sizeof(old));
	assert_int_equal(each_entry(NULL), 1);
}

static void a_key_of_a_far_day_does_not_stay(void **state)
{
	unsigned char far[IDENTITY_KEY_BYTES], today[IDENTITY_KEY_BYTES];
	struct stat st;

	(void)state;
	key_of(DAY + 5000, far);
	key_of(DAY, today);
	assert_false(has_key(DAY + 5000, &st));
	assert_memory_not_equal(far, today, sizeof(far));
}

static void a_damaged_key_is_replaced(void **state)
{
	unsigned char a[IDENTITY_KEY_BYTES], b[IDENTITY_KEY_BYTES];
	char path[128];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/key-%d", dir, DAY);
	key_of(DAY, a);
	assert_int_equal(truncate(path, 7), 0);
	key_of(DAY, b);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(chmod(path, 0604), 0);
	key_of(DAY, a);
	assert_memory_not_equal(a, b, sizeof(a));
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0); /* not followed */
	key_of(DAY, b);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_true(has_key(DAY, &st));
	assert_true(S_ISREG(st.st_mode));
}

static void what_cannot_be_replaced_is_told(void **state)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	struct identity *identity = opened();
	struct reason why = {""};
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/key-%d", dir, DAY);
	assert_int_equal(identity_look(dir, DAY, &why), ST_OK);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(identity_key(identity, DAY, key), ST_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(identity_look(dir, DAY, &why), ST_IO);
	assert_int_equal(rmdir(path), 0);
	identity_close(identity);
}

static void a_group_may_share_it(void **state)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	struct stat st;

	(void)state;
	assert_int_equal(chmod(dir, 02770), 0);
	key_of(DAY, key);
	assert_true(has_key(DAY, &st));
	assert_int_equal(st.st_mode & 0777, 0640);
}

/* As /run/tamis, where the web server reaches a socket. */
static void others_may_pass_through(void **state)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	struct stat st;

	(void)state;
	assert_int_equal(chmod(dir, 0755), 0);
	key_of(DAY, key);
	assert_true(has_key(DAY, &st));
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void is_refused(const char *where, enum status expected, const char *word)
{
	struct identity *identity;
	struct reason why = {0};

	assert_int_equal(identity_open(&identity, where, &why), expected);
	if (!strstr(why.text, word))
		fail_msg("\"%s\" does not say \"%s\"", why.text, word);
}

static void unsafe_places_are_refused(void **state)
{
	char link[128];

	(void)state;
	is_refused("/proc/sys", ST_CONFIG, "tmpfs");
	assert_int_equal(chmod(dir, 0777), 0);
	is_refused(dir, ST_DENIED, "others may write");
	assert_int_equal(chmod(dir, 0703), 0);
	is_refused(dir, ST_DENIED, "others may write");
	assert_int_equal(chmod(dir, 0700), 0);
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(symlink(dir, link), 0);
	is_refused(link, ST_IO, "cannot open");
}

static void the_directory_comes_back(void **state)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	struct identity *identity = opened();

	(void)state;
	clear(NULL);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(identity_key(identity, DAY, key), ST_OK);
	identity_close(identity);
}

static void racing_processes_agree(void **state)
{
	unsigned char keys[8][IDENTITY_KEY_BYTES];
	int pipes[2];

	(void)state;
	for (int round = 0; round < 20; round++) {
		assert_int_equal(pipe(pipes), 0);
		for (int i = 0; i < 8; i++) {
			if (fork() == 0) {
				unsigned char key[IDENTITY_KEY_BYTES];
				struct identity *identity = NULL;

				_exit(identity_open(&identity, dir, NULL) == ST_OK &&
					      identity_key(identity, DAY + round, key) == ST_OK &&
					      write(pipes[1], key, sizeof(key)) == sizeof(key)
					  ? 0
					  : 1);
			}
		}
		for (int i = 0, status; i < 8; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		for (int i = 0; i < 8; i++)
			assert_int_equal(read(pipes[0], keys[i], sizeof(keys[i])), sizeof(keys[i]));
		for (int i = 1; i < 8; i++)
			assert_memory_equal(keys[0], keys[i], sizeof(keys[0]));
		close(pipes[0]);
		close(pipes[1]);
		assert_int_equal(each_entry(NULL), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_day_has_one_key_for_all, clear),
	    cmocka_unit_test_teardown(midnight_destroys_the_old_key, clear),
	    cmocka_unit_test_teardown(expiry_makes_no_key, clear),
	    cmocka_unit_test_teardown(a_key_of_a_far_day_does_not_stay, clear),
	    cmocka_unit_test_teardown(a_damaged_key_is_replaced, clear),
	    cmocka_unit_test_teardown(what_cannot_be_replaced_is_told, clear),
	    cmocka_unit_test_teardown(a_group_may_share_it, clear),
	    cmocka_unit_test_teardown(others_may_pass_through, clear),
	    cmocka_unit_test_teardown(unsafe_places_are_refused, clear),
	    cmocka_unit_test_teardown(the_directory_comes_back, clear),
	    cmocka_unit_test_teardown(racing_processes_agree, clear),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
