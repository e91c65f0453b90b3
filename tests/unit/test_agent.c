#include "unit.h"

#include <string.h>

#include "agent.h"
#include "bot.h"
#include "golden.h"

static struct text cut(char out[AGENT_TEXT_MAX], const char *agent)
{
	return (struct text){out, agent_cut(out, (struct text){agent, strlen(agent)})};
}

static bool has(struct text text, const char *part)
{
	return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* As programs that know agents tell devices apart. */
static const char *device(struct text agent)
{
	if (has(agent, "SmartTV") || has(agent, "SMART-TV"))
		return "television";
	if (has(agent, "iPad") || has(agent, "Tablet"))
		return "tablet";
	if (has(agent, "Mobile"))
		return "mobile";
	return has(agent, "Android") ? "tablet" : "desktop";
}

/* What was no bot must not become one, or Umami drops the event. */
static bool check(const struct golden *group, struct buf *got)
{
	char out[AGENT_TEXT_MAX], twice[AGENT_TEXT_MAX + 1];
	struct text agent = cut(out, group->input);
	size_t len = agent_cut(twice, agent);

	buf_add(got, agent.data, agent.len);
	if (bot_is(agent))
		buf_adds(got, " is a bot");
	if (len != agent.len || memcmp(twice, agent.data, len) != 0)
		buf_addf(got, " then %.*s", (int)len, twice);
	return strcmp(device(agent), group->setting) == 0 &&
	       strcmp(got->data, group->expected) == 0;
}

static void browsers_stay_what_they_are(void **state)
{
	(void)state;
	assert_true(golden_run("agent_cut.test", check) > 60);
}

static void nothing_else_gets_through(void **state)
{
	static const char *const agents[] = {
	    "Mozilla/5.0 (john@mail.example; Android 4111111111111111; K) Chrome/4111 Canary/77",
	    "Mozilla/5.0 (Linux; Android 14; canary) AppleWebKit/537.36 Chrome/126.canary.77 "
	    "canary",
	    "Mozilla/5.0 (X11; Linux) Gecko/canary Firefox/12345678 Edg/canary Instagram canary",
	    "Mozilla/5.0 (Windows NT canary",
	    "((((canary",
	    "canary",
	    ")",
	    "(",
	    "Version/9 (",
	};
	char out[AGENT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		struct text agent = cut(out, agents[i]);

		assert_false(has(agent, "canary"));
		assert_false(has(agent, "john"));
		assert_false(has(agent, "4111"));
		assert_false(has(agent, "1234"));
		assert_false(bot_is(agent));
	}
	assert_true(has(cut(out, AGENT_NEUTRAL), AGENT_NEUTRAL));
}

/* Every byte string ends in one of few agents, within the room. */
static void any_bytes_are_taken(void **state)
{
	static const char letters[] = "(); /.,_[]0123456789AndroidWindowsNTMobileChrome\xff";
	unsigned long long seed = 88172645463325252ULL;
	char in[700], out[AGENT_TEXT_MAX];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)round % sizeof(in);

		for (size_t i = 0; i < len; i++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			in[i] = letters[(seed >> 33) % (sizeof(letters) - 1)];
		}
		len = agent_cut(out, (struct text){in, len});
		assert_in_range(len, 40, AGENT_TEXT_MAX);
		assert_memory_equal(out, "Mozilla/5.0 (", 13);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(browsers_stay_what_they_are),
	    cmocka_unit_test(nothing_else_gets_through),
	    cmocka_unit_test(any_bytes_are_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
