#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot.h"

/* agents.test: one user agent a line, under the verdict that holds. */
static void every_agent_gets_its_verdict(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[4096], line[2048];
	bool bots = false;
	int wrong = 0, seen = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/data/agents.test", top ? top : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct text agent = {line, strcspn(line, "\n")};

		if (agent.len == 0 || *line == '#')
			continue;
		if (text_is(agent, "visitor") || text_is(agent, "bot")) {
			bots = *line == 'b';
			continue;
		}
		seen++;
		if (bot_is(agent) != bots) {
			print_error("not a %s: %s", bots ? "bot" : "visitor", line);
			wrong++;
		}
	}
	fclose(file);
	assert_int_equal(wrong, 0);
	assert_true(seen > 100);
}

static void no_agent_is_a_visitor(void **state)
{
	(void)state;
	assert_false(bot_is((struct text){NULL, 0}));
	assert_false(bot_is(TEXT("")));
}

static void any_bytes_are_looked_at_safely(void **state)
{
	char agent[3 * BOT_AGENT_MAX];
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t len = (size_t)round * 10;

		for (size_t i = 0; i < len; i++) {
			x = x * 1664525u + 1013904223u;
			agent[i] = (char)(x >> 24);
		}
		(void)bot_is((struct text){agent, len});
	}
	memset(agent, 'b', sizeof(agent));
	assert_true(bot_is((struct text){agent, sizeof(agent)}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_agent_gets_its_verdict),
	    cmocka_unit_test(no_agent_is_a_visitor),
	    cmocka_unit_test(any_bytes_are_looked_at_safely),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
