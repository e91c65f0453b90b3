#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* The tests work in a directory of their own, made by the group's setup. */
static int enter_directory(void **state)
{
	static char dir[] = "/tmp/tamis-test-file-XXXXXX";

	*state = mkdtemp(dir);
	return *state && chdir(dir) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
	const char *const made[] = {"a/b/c", "a/b", "a", "file", "key"};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		(void)remove(made[i]);
	return chdir("/") == 0 ? rmdir(*state) : -1;
}

static void replaced_file_reads_back(void **state)
{
	struct stat st;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_int_equal(file_replace("file", "one", 3, 0640), ST_OK);
	assert_int_equal(file_replace("file", "second", 6, 0600), ST_OK);
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read("file", &buf), ST_OK);
	assert_string_equal(buf.data, "second");
	buf_free(&buf);
	assert_int_equal(file_read("absent", &buf), ST_NOT_FOUND);
	assert_int_equal(file_replace("absent/file", "x", 1, 0600), ST_IO);
	assert_int_equal(errno, ENOENT);
}

static void reading_keeps_to_the_cap(void **state)
{
	static char big[200 * 1024];
	struct buf buf;

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(file_replace("file", big, sizeof(big), 0600), ST_OK);
	buf_init(&buf, sizeof(big));
	assert_int_equal(file_read("file", &buf), ST_OK);
	assert_int_equal(buf.len, sizeof(big));
	buf_free(&buf);
	buf_init(&buf, sizeof(big) - 1);
	assert_int_equal(file_read("file", &buf), ST_TOO_LARGE);
	buf_free(&buf);
}

static void short_reads_and_full_disks_are_told(void **state)
{
	char bytes[16];
	size_t got;
	int fd;

	(void)state;
	assert_int_equal(file_replace("file", "abc", 3, 0600), ST_OK);
	fd = open("file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_read_full(fd, bytes, sizeof(bytes), &got), ST_OK);
	assert_int_equal(got, 3);
	assert_int_equal(file_write_all(fd, "x", 1), ST_IO);
	assert_int_equal(errno, EBADF);
	close(fd);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(file_write_all(fd, "x", 1), ST_IO);
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void directories_are_made_with_their_parents(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(file_mkdirs("a/b/c", 0700), ST_OK);
	assert_int_equal(file_mkdirs("a/b/c/", 0700), ST_OK);
	assert_int_equal(stat("a/b/c", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(file_sync_dir("a/b"), ST_OK);
	assert_int_equal(file_replace("file", "", 0, 0600), ST_OK);
	assert_int_equal(file_mkdirs("file", 0700), ST_IO);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(file_mkdirs("file/x", 0700), ST_IO);
}

static void private_means_nobody_else_reads(void **state)
{
	(void)state;
	assert_int_equal(file_replace("key", "k", 1, 0600), ST_OK);
	assert_int_equal(file_is_private("key", 0), ST_OK);
	assert_int_equal(chmod("key", 0640), 0);
	assert_int_equal(file_is_private("key", 0), ST_DENIED);
	assert_int_equal(file_is_private("key", 1), ST_OK);
	assert_int_equal(chmod("key", 0604), 0);
	assert_int_equal(file_is_private("key", 1), ST_DENIED);
	assert_int_equal(file_is_private("absent", 0), ST_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replaced_file_reads_back),
	    cmocka_unit_test(reading_keeps_to_the_cap),
	    cmocka_unit_test(short_reads_and_full_disks_are_told),
	    cmocka_unit_test(directories_are_made_with_their_parents),
	    cmocka_unit_test(private_means_nobody_else_reads),
	};
	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
