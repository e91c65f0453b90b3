/*
 * identity.mode: what of a visitor is in the record that is kept and sent.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "identity.h"
#include "straining.h"

#define PHONE                                                                                      \
	"Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A) AppleWebKit/537.36 (KHTML, like "    \
	"Gecko) Chrome/117.0.5938.60 Mobile Safari/537.36"
#define MEMBERS                                                                                    \
	"\"url\":\"/?q=1&gclid=click77\",\"referrer\":\"https://x.example/?fbclid=click77\","      \
	"\"screen\":\"1920x1080\",\"language\":\"de-AT\",\"browser\":\"own\",\"os\":\"own\","      \
	"\"device\":\"own\",\"title\":\"to john@example.com\""

static struct straining straining;
static char state_dir[64];

static void open_as(enum identity_mode mode)
{
	straining_close(&straining);
	assert_int_equal(straining_open(&straining, NULL), 0);
	straining.config.identity_mode = mode;
}

static const char *sent(const char *address, const char *agent, const char *type,
			const char *members)
{
	char body[4096];
	struct clean *clean;
	size_t len;
	int n = snprintf(body, sizeof(body),
			 "{\"type\":\"%s\",\"payload\":{\"website\":\"" SITE "\"%s%s}}", type,
			 *members ? "," : "", members);

	straining.sender.address = address;
	straining.sender.user_agent = agent;
	clean = straining_run(&straining, body, (size_t)n);
	assert_non_null(clean);
	return clean_json(clean, &len);
}

static void holds(const char *json, const char *part)
{
	if (!strstr(json, part))
		fail_msg("%s is not in %s", part, json);
}

static void lacks(const char *json, const char *part)
{
	if (strstr(json, part))
		fail_msg("%s is in %s", part, json);
}

/* The distinct id; "" where there is none. */
static char *id_of(char out[27], const char *json)
{
	const char *at = strstr(json, "\"id\":\"");

	snprintf(out, 27, "%s", at ? at + 6 : "");
	return out;
}

static void daily_cuts_and_hashes(void **state)
{
	const char *json = sent("203.0.113.77", PHONE, "event", MEMBERS);
	char id[27];

	(void)state;
	holds(json, "\"ip\":\"203.0.113.0\"");
	holds(json, "\"userAgent\":\"Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, "
		    "like Gecko) Chrome/117.0.0.0 Mobile Safari/537.36\"");
	holds(json, "\"url\":\"/?q=1\"");
	holds(json, "\"referrer\":\"https://x.example/\"");
	holds(json, "\"screen\":\"1920x1080\"");
	lacks(json, "click77");
	lacks(json, "SM-A536B");
	lacks(json, "113.77");
	assert_int_equal(strspn(id_of(id, json), "abcdefghijklmnopqrstuvwxyz234567"), 26);
}

static int same(const char *address, const char *agent, const char *other, const char *other_agent)
{
	char a[27], b[27];

	id_of(a, sent(address, agent, "event", ""));
	id_of(b, sent(other, other_agent, "event", ""));
	return strcmp(a, b) == 0;
}

static void a_visitor_is_one_for_a_day(void **state)
{
	char today[27], tomorrow[27];

	(void)state;
	assert_true(same("203.0.113.77", PHONE, "203.0.113.77", PHONE));
	assert_false(same("203.0.113.77", PHONE, "203.0.113.78", PHONE));
	assert_false(same("203.0.113.77", PHONE, "203.0.113.77", BROWSER));
	/* a home's /64 is one, two homes are two */
	assert_true(same("2001:db8:1:2::3", PHONE, "2001:db8:1:2:a:b:c:d", PHONE));
	assert_false(same("2001:db8:1:2::3", PHONE, "2001:db8:1:3::3", PHONE));
	assert_true(same("203.0.113.77", PHONE, "::ffff:203.0.113.77", PHONE));
	id_of(today, sent("203.0.113.77", PHONE, "event", ""));
	straining.sender.received_us += INT64_C(86400) * US_PER_S;
	id_of(tomorrow, sent("203.0.113.77", PHONE, "event", ""));
	assert_string_not_equal(today, tomorrow);
	assert_int_equal(strlen(tomorrow), 26);
}

static void an_id_of_the_page_goes_before(void **state)
{
	char a[27], b[27], c[27];

	(void)state;
	id_of(a, sent("203.0.113.77", PHONE, "identify", "\"id\":\"u1\""));
	id_of(b, sent("198.51.100.9", BROWSER, "event", "\"id\":\"u1\""));
	id_of(c, sent("203.0.113.77", PHONE, "event", ""));
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
}

static void none_tells_nobody_apart(void **state)
{
	char one[4096];
	const char *json;

	(void)state;
	open_as(IDENTITY_NONE);
	json = sent("203.0.113.77", PHONE, "event", MEMBERS ",\"id\":\"u1\"");
	holds(json, "\"ip\":\"127.0.0.1\",\"userAgent\":\"" AGENT_NEUTRAL "\",\"timestamp\"");
	holds(json, "\"language\":\"de\"");
	lacks(json, "\"id\"");
	lacks(json, "screen");
	lacks(json, "own");
	lacks(json, "click77");
	snprintf(one, sizeof(one), "%s", json);
	assert_string_equal(one, sent("2001:db8::1", BROWSER, "event", MEMBERS ",\"id\":\"u2\""));
	assert_string_equal(one, sent(NULL, NULL, "event", MEMBERS));
	json = sent("203.0.113.77", PHONE, "identify", "\"id\":\"u1\",\"data\":{\"plan\":\"pro\"}");
	lacks(json, "plan");
	lacks(json, "\"id\"");
	holds(sent(NULL, NULL, "event", "\"name\":\"x\",\"data\":{\"plan\":\"pro\"}"), "plan");
}

static uint64_t visitor(const char *address, const char *type, int64_t later_us)
{
	char body[256];
	int n = snprintf(body, sizeof(body),
			 "{\"type\":\"%s\",\"payload\":{\"website\":\"" SITE "\"}}", type);

	straining.sender.address = address;
	straining.sender.received_us += later_us;
	return clean_visitor(straining_run(&straining, body, (size_t)n));
}

static void none_keeps_no_trace_on_the_spool(void **state)
{
	(void)state;
	open_as(IDENTITY_NONE);
	assert_true(visitor("203.0.113.1", "event", 0) == visitor("8.8.8.8", "event", 0));
	assert_true(visitor("203.0.113.1", "event", 0) != visitor("203.0.113.1", "event", 1));
	assert_true(visitor("203.0.113.1", "identify", 0) == visitor("8.8.8.8", "identify", 1));
}

static void full_is_umami_but_for_strings(void **state)
{
	const char *json;

	(void)state;
	open_as(IDENTITY_FULL);
	json = sent("203.0.113.77", PHONE " john@example.com", "event", MEMBERS);
	holds(json, "\"ip\":\"203.0.113.77\"");
	holds(json, PHONE " [REDACTED_EMAIL]");
	holds(json, "gclid=click77");
	holds(json, "fbclid=click77");
	holds(json, "\"title\":\"to [REDACTED_EMAIL]\"");
	lacks(json, "\"id\"");
	json = sent("2001:db8:1:2::3", PHONE, "identify", "\"id\":\"john@example.com\"");
	holds(json, "\"ip\":\"2001:db8:1:2::3\"");
	holds(json, "\"id\":\"");
	lacks(json, "john");
}

static void lasting(struct config *config)
{
	config->identify_ids = IDENTITY_IDS_PERSISTENT;
	config->state_dir = state_dir;
}

/* The id of "u1" and of a visitor without one, on a day, by a strainer of its own. */
static void two_ids(char given[27], char made[27], int64_t days)
{
	straining_close(&straining);
	assert_int_equal(straining_open(&straining, lasting), 0);
	straining.sender.received_us += days * 86400 * US_PER_S;
	id_of(given, sent("203.0.113.77", PHONE, "identify", "\"id\":\"u1\""));
	id_of(made, sent("203.0.113.77", PHONE, "event", ""));
}

static void persistent_ids_outlive_the_day_and_only_they(void **state)
{
	char key[128], given[3][27], made[3][27];
	unsigned char bytes[IDENTITY_KEY_BYTES];
	struct reason why = {0};
	struct stat st;

	(void)state;
	snprintf(state_dir, sizeof(state_dir), "/tmp/tamis-test-XXXXXX");
	assert_non_null(mkdtemp(state_dir));
	snprintf(key, sizeof(key), "%s/identify.key", state_dir);
	two_ids(given[0], made[0], 0);
	two_ids(given[1], made[1], 3);
	assert_string_equal(given[0], given[1]);
	assert_string_not_equal(made[0], made[1]);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, IDENTITY_KEY_BYTES);
	/* a key that others may read is refused and left alone */
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(identity_lasting_key(state_dir, "identify.key", bytes, &why), ST_DENIED);
	assert_non_null(strstr(why.text, "identify.ids"));
	assert_int_equal(chmod(key, 0600), 0);
	assert_int_equal(truncate(key, 31), 0);
	assert_int_equal(identity_lasting_key(state_dir, "identify.key", bytes, NULL), ST_CORRUPT);
	assert_int_equal(unlink(key), 0);
	two_ids(given[2], made[2], 0);
	assert_string_not_equal(given[0], given[2]);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(rmdir(state_dir), 0);
}

static int setup(void **state)
{
	(void)state;
	return straining_open(&straining, NULL);
}

static int teardown(void **state)
{
	(void)state;
	straining_close(&straining);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(daily_cuts_and_hashes, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_visitor_is_one_for_a_day, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_id_of_the_page_goes_before, setup, teardown),
	    cmocka_unit_test_setup_teardown(none_tells_nobody_apart, setup, teardown),
	    cmocka_unit_test_setup_teardown(none_keeps_no_trace_on_the_spool, setup, teardown),
	    cmocka_unit_test_setup_teardown(full_is_umami_but_for_strings, setup, teardown),
	    cmocka_unit_test_setup_teardown(persistent_ids_outlive_the_day_and_only_they, setup,
					    teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
