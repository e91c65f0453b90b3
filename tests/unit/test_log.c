#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static int ends[2];

/* What was logged since the last call. */
static const char *logged(void)
{
	static char text[8192];
	ssize_t n = read(ends[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int open_pipe(void **state)
{
	(void)state;
	if (pipe2(ends, O_NONBLOCK) != 0)
		return -1;
	log_open(ends[1], "test", LOG_NOTICE);
	return 0;
}

static int close_pipe(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void a_line_has_name_level_and_sentence(void **state)
{
	(void)state;
	log_error("%d of %s", 3, "four");
	assert_string_equal(logged(), "test: error: 3 of four\n");
	log_debug("not now");
	assert_string_equal(logged(), "");
}

static void one_site_speaks_once_a_second(void **state)
{
	struct log_site site = {0, 0};

	(void)state;
	log_write(&site, LOG_WARNING, "again");
	assert_string_equal(logged(), "test: warning: again\n");
	for (int i = 0; i < 5; i++)
		log_write(&site, LOG_WARNING, "again");
	(void)logged(); /* one line at most: the second may have turned in between */
	assert_in_range(site.skipped, 3, 5);
	site.second = 0;
	site.skipped = 5;
	log_write(&site, LOG_WARNING, "again");
	assert_string_equal(logged(), "test: warning: again (5 more like it left out)\n");
}

static void a_long_line_is_cut_and_ends(void **state)
{
	char text[3000];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_notice("%s", text);
	line = logged();
	assert_true(strlen(line) < 1100);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_has_name_level_and_sentence),
	    cmocka_unit_test(one_site_speaks_once_a_second),
	    cmocka_unit_test(a_long_line_is_cut_and_ends),
	};
	return cmocka_run_group_tests(tests, open_pipe, close_pipe);
}
