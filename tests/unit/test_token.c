/*
 * Tokens: from a private file only, and only the very same one matches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "token.h"

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_token(void **state)
{
	char path[] = "/tmp/test_token.XXXXXX";
	struct token token;
	struct reason why = {""};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(token_read(&token, "metrics.token_file", "", &why), ST_OK);
	assert_false(token_presented(&token, "Bearer "));
	write_file(path, "0123456789abcdef\n", 0644);
	assert_int_equal(token_read(&token, "metrics.token_file", path, &why), ST_DENIED);
	assert_null(strstr(why.text, "0123456789"));
	write_file(path, "short\n", 0600);
	assert_int_equal(token_read(&token, "metrics.token_file", path, &why), ST_CONFIG);
	assert_null(strstr(why.text, "short"));
	write_file(path, "0123456789abcdef\n", 0640);
	assert_int_equal(token_read(&token, "metrics.token_file", path, &why), ST_OK);
	assert_true(token_presented(&token, "Bearer 0123456789abcdef"));
	assert_true(token_presented(&token, "bearer 0123456789abcdef"));
	assert_false(token_presented(&token, "Bearer 0123456789abcdeg"));
	assert_false(token_presented(&token, "Bearer 0123456789abcde"));
	assert_false(token_presented(&token, "Bearer 0123456789abcdef0123456789abcdef"));
	assert_false(token_presented(&token, "Bearer "));
	assert_false(token_presented(&token, "0123456789abcdef"));
	assert_false(token_presented(&token, NULL));
	unlink(path);
	assert_int_not_equal(token_read(&token, "metrics.token_file", path, &why), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_token)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
