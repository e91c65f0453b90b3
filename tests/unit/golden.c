#include "golden.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

/* The next line without its end, NULL at the end of the text. */
static char *next_line(char **rest, int *number, bool between)
{
	char *line;

	do {
		line = strsep(rest, "\n");
		(*number)++;
	} while (line && between && (line[0] == '#' || line[0] == '\0'));
	return line;
}

static bool run_group(const char *name, const struct golden *group,
		      bool (*check)(const struct golden *group, struct buf *got))
{
	struct buf got;
	bool good;

	buf_init(&got, 1 << 20);
	good = check(group, &got);
	if (!good)
		print_error("%s:%d: expected\n%s\ngot\n%s\n", name, group->line, group->expected,
			    got.data ? got.data : "");
	buf_free(&got);
	return good;
}

int golden_run(const char *name, bool (*check)(const struct golden *group, struct buf *got))
{
	const char *top = getenv("top_srcdir");
	int number = 0, groups = 0, bad = 0;
	struct golden group;
	char path[4096];
	struct buf text;
	char *rest;

	(void)snprintf(path, sizeof(path), "%s/tests/data/%s", top ? top : ".", name);
	buf_init(&text, 1 << 20);
	assert_int_equal(file_read(path, &text), ST_OK);
	rest = text.data;
	while ((group.setting = next_line(&rest, &number, true)) != NULL) {
		group.line = number;
		group.input = next_line(&rest, &number, false);
		group.expected = next_line(&rest, &number, false);
		assert_non_null(group.expected);
		bad += !run_group(name, &group, check);
		groups++;
	}
	buf_free(&text);
	assert_int_equal(bad, 0);
	return groups;
}
