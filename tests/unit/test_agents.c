/*
 * test_agents - what is remembered of agents: a verdict and the cut one, bounded, for a day.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "agents.h"

#define SAFARI                                                                                     \
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "             \
	"(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"

static const unsigned char key[16] = "the key of a day", other[16] = "another day's ke";

static struct text text(const char *string)
{
	return (struct text){string, strlen(string)};
}

static void a_note_says_what_was_found_out(void **state)
{
	static struct agents agents;
	char cut[AGENT_TEXT_MAX];
	size_t len = agent_cut(cut, text(SAFARI));
	uint64_t hash = agents_hash(text(SAFARI), key);
	const struct agent_note *note = agents_note(&agents, text(SAFARI), hash);

	(void)state;
	assert_false(note->bot);
	assert_int_equal(note->cut_len, len);
	assert_memory_equal(note->cut, cut, len);
	/* It is looked up by the hash alone. */
	assert_ptr_equal(agents_note(&agents, text("curl/8.0"), hash), note);
	assert_false(note->bot);
	hash = agents_hash(text("curl/8.0"), key);
	assert_true(agents_note(&agents, text("curl/8.0"), hash)->bot);
	assert_int_equal(agents_note(&agents, text(""), agents_hash(text(""), key))->cut_len, 0);
}

static void two_days_have_nothing_in_common(void **state)
{
	static struct agents agents, empty;

	(void)state;
	assert_true(agents_hash(text(SAFARI), key) != agents_hash(text(SAFARI), other));
	(void)agents_note(&agents, text(SAFARI), agents_hash(text(SAFARI), key));
	agents_forget(&agents);
	assert_memory_equal(&agents, &empty, sizeof(agents));
}

/* Nothing of an agent but its hash and what agent_cut() leaves is in the table. */
static void no_agent_is_kept(void **state)
{
	static struct agents agents;
	char agent[64];

	(void)state;
	for (int i = 0; i < 10 * AGENTS_KEPT; i++) {
		snprintf(agent, sizeof(agent), "Mozilla/5.0 (X11; Linux x86_64) Canary%d", i);
		(void)agents_note(&agents, text(agent), agents_hash(text(agent), key));
	}
	assert_null(memmem(&agents, sizeof(agents), "Canary", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_note_says_what_was_found_out),
	    cmocka_unit_test(two_days_have_nothing_in_common),
	    cmocka_unit_test(no_agent_is_kept),
	};

	return cmocka_run_group_tests_name("agents", tests, NULL, NULL);
}
