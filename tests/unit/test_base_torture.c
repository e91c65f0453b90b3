/*
 * Every allocation and every call of the file system fails in turn (the linker's
 * --wrap): what follows is an error that is told, never half a result.
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "file.h"

static char top[] = "/tmp/tamis-test-torture-XXXXXX";
static int until_failure; /* calls that still succeed; negative: all */
static int failed_with;

static bool fails(void)
{
	if (until_failure < 0 || until_failure-- > 0)
		return false;
	errno = failed_with;
	return true;
}

#define FAILING(result, bad, name, parameters, arguments)                                          \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters                                                            \
	{                                                                                          \
		return fails() ? (bad) : __real_##name arguments;                                  \
	}

FAILING(void *, NULL, malloc, (size_t size), (size))
FAILING(void *, NULL, calloc, (size_t n, size_t size), (n, size))
FAILING(void *, NULL, realloc, (void *p, size_t size), (p, size))
FAILING(ssize_t, -1, write, (int fd, const void *data, size_t len), (fd, data, len))
FAILING(int, -1, fsync, (int fd), (fd))
FAILING(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
FAILING(int, -1, rename, (const char *from, const char *to), (from, to))
FAILING(int, -1, mkostemp, (char *path, int flags), (path, flags))

static int enter_directory(void **state)
{
	(void)state;
	until_failure = -1;
	return mkdtemp(top) && chdir(top) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
	(void)state;
	(void)unlink("file");
	(void)unlink("tamis.yaml");
	return chdir("/") == 0 ? rmdir(top) : -1;
}

static void configuration_without_memory(void **state)
{
	static const char yaml[] =
	    "umami:\n  website_id: ${W:-9b379b11-cd77-4afa-995e-06e009cab81c}\n"
	    "  websites: [9b379b11-cd77-4afa-995e-06e009cab81c]\n"
	    "counters: {routes: [/a, /b]}\n";
	static const char *const args[] = {"--counters.routes=/c,/d", "--state.dir=/x"};
	enum status status = ST_NO_MEMORY;
	struct config *config;
	struct reason why;
	int n;

	(void)state;
	assert_int_equal(file_replace("tamis.yaml", yaml, sizeof(yaml) - 1, 0600), ST_OK);
	failed_with = ENOMEM;
	for (n = 0; status != ST_OK; n++) {
		why.text[0] = '\0';
		until_failure = n;
		status = config_load(&config, "tamis.yaml", 2, args, &why);
		until_failure = -1;
		assert_true(status == ST_OK || why.text[0]);
		assert_true(n < 1000);
	}
	assert_true(n > 5);
	assert_string_equal(config->state_dir, "/x");
	assert_int_equal(config->counters_routes.n, 2);
	config_free(config);
}

static void growth_without_memory(void **state)
{
	struct arena *arena;
	struct buf buf;

	(void)state;
	failed_with = ENOMEM;
	for (int n = 0; n < 3; n++) {
		buf_init(&buf, 1 << 20);
		until_failure = n;
		for (int i = 0; i < 1000; i++)
			buf_adds(&buf, "0123456789");
		until_failure = -1;
		assert_false(buf_ok(&buf));
		assert_true(buf.len % 10 == 0 && buf.len < 10000);
		buf_free(&buf);
		until_failure = n;
		arena = arena_new(1 << 20);
		for (int i = 0; arena && i < 1000; i++)
			(void)!arena_alloc(arena, 1000);
		until_failure = -1;
		assert_true(!arena == (n < 2));
		arena_free(arena);
	}
}

static size_t entries(void)
{
	DIR *dir = opendir(".");
	size_t n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void replacing_a_file_is_all_or_nothing(void **state)
{
	enum status status = ST_IO;
	struct buf text;
	size_t before;

	(void)state;
	buf_init(&text, 100);
	assert_int_equal(file_replace("file", "old", 3, 0600), ST_OK);
	before = entries();
	failed_with = ENOSPC;
	for (int n = 0; status != ST_OK; n++) {
		until_failure = n;
		status = file_replace("file", "new", 3, 0600);
		until_failure = -1;
		if (status != ST_OK)
			assert_int_equal(errno, ENOSPC);
		buf_reset(&text);
		assert_int_equal(file_read("file", &text), ST_OK);
		/* The last call syncs the directory: the new file is there, if not for good. */
		assert_string_equal(text.data, n < 5 ? "old" : "new");
		assert_int_equal(entries(), before);
		assert_true(n < 10);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(configuration_without_memory),
	    cmocka_unit_test(growth_without_memory),
	    cmocka_unit_test(replacing_a_file_is_all_or_nothing),
	};
	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
