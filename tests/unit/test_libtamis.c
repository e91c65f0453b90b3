/*
 * The public C API: what it says of an event, what stands in, settings, metrics, errors.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unit.h"

#include "libtamis.h"
#include "place.h"

#define SEND(tamis, json, visitor, why)                                                            \
	tamis_send(tamis, json, strlen(json), visitor, why, sizeof why)

struct started {
	struct place *place;
	struct tamis *tamis;
};

/* settings: up to four more, NULL for none. */
static struct started started(const char *const settings[4])
{
	struct started started = {.place = place_open(NULL)};
	char state[96], keys[96], why[256] = "";
	const char *all[8] = {state, keys};
	struct tamis_options options = {.size = sizeof options,
					.app_name = "shop",
					.config_path = "/dev/null",
					.settings = all};

	snprintf(state, sizeof state, "state.dir=%s/state", started.place->dir);
	snprintf(keys, sizeof keys, "identity.key_dir=%s", started.place->keys);
	for (size_t i = 0; settings && i < 4 && settings[i]; i++)
		all[2 + i] = settings[i];
	if (tamis_start(&started.tamis, &options, why, sizeof why) != 0)
		fail_msg("%s", why);
	assert_string_equal(why, "");
	return started;
}

static void ended(struct started *started)
{
	assert_int_equal(tamis_stop(started->tamis), 0);
	place_close(started->place);
}

static const char *const ours[4] = {"umami.website_id=" PLACE_WEBSITE};

/* A counter's value in the text of tamis_metrics(). */
static long metric(struct tamis *tamis, const char *name)
{
	int size = tamis_metrics(tamis, NULL, 0);
	char *text = malloc((size_t)size + 1), *at;
	long value = -1;

	assert_true(size > 0);
	assert_int_equal(tamis_metrics(tamis, text, (size_t)size), size);
	assert_string_equal(text, ""); /* the NUL has no room: nothing is half there */
	assert_int_equal(tamis_metrics(tamis, text, (size_t)size + 1), size);
	at = strstr(text, name);
	if (at)
		value = strtol(at + strlen(name), NULL, 10);
	free(text);
	return value;
}

static void test_kinds(void **state)
{
	static const struct {
		const char *json;
		struct tamis_visitor visitor;
		int result;
		const char *why;
	} cases[] = {
	    {"{\"type\":\"event\",\"payload\":{\"name\":\"signup\"}}", {0}, TAMIS_KEPT, ""},
	    {"{\"type\":\"event\",\"payload\":{}}",
	     {.user_agent = "curl/8"},
	     TAMIS_NOT_KEPT,
	     "a bot"},
	    {"{\"type\":\"event\",\"payload\":{}}",
	     {.do_not_track = 1},
	     TAMIS_NOT_KEPT,
	     "switched off, or the visitor asks not to be tracked"},
	    {"{\"type\":\"event\",\"payload\":{\"website\":\"00000000-0000-4000-8000-"
	     "000000000000\"}}",
	     {0},
	     TAMIS_EINVALID,
	     "payload.website: not one of umami.websites"},
	    {"{\"type\":\"event\",\"payload\":{\"name\":\"joe@example.com joe@example.com "
	     "joe@example.com joe@example.com\"}}",
	     {0},
	     TAMIS_EINVALID,
	     "payload.name: Too big: expected string to have <=50 characters"},
	    {"joe@example.com",
	     {0},
	     TAMIS_EINVALID,
	     "Invalid input: expected object, received undefined"},
	};
	struct started s = started(ours);
	char why[256] = "x";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tamis_visitor visitor = cases[i].visitor;

		visitor.size = sizeof visitor;
		assert_int_equal(SEND(s.tamis, cases[i].json, &visitor, why), cases[i].result);
		assert_string_equal(why, cases[i].why);
	}
	assert_int_equal(SEND(s.tamis, cases[0].json, NULL, why), TAMIS_KEPT);
	assert_int_equal(metric(s.tamis, "\ntamis_events_accepted_total "), 2);
	ended(&s);
}

static void test_settings(void **state)
{
	const char *const settings[4] = {
	    "umami.websites=" PLACE_WEBSITE ",6F2A5A1E-9D3B-4F43-8F7A-3C2F6B1C9A10", NULL};
	struct tamis_options options = {
	    .size = sizeof options, .config_path = "/dev/null", .settings = settings};
	char text[256], why[256];
	struct tamis *tamis;

	(void)state;
	options.flags = TAMIS_SETTINGS; /* no state.dir is needed */
	assert_int_equal(tamis_start(&tamis, &options, why, sizeof why), 0);
	assert_int_equal(tamis_setting(tamis, "umami.websites", text, sizeof text), 73);
	assert_string_equal(text, PLACE_WEBSITE "\n6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10");
	assert_int_equal(tamis_setting(tamis, "umami.async.queue_size", text, sizeof text), 4);
	assert_string_equal(text, "1000");
	assert_int_equal(tamis_setting(tamis, "spool.sync", text, sizeof text), 8);
	assert_string_equal(text, "interval");
	assert_int_equal(tamis_setting(tamis, "spool.sync", text, 8), 8);
	assert_string_equal(text, "");
	assert_int_equal(tamis_setting(tamis, "umami.api_key", text, sizeof text), TAMIS_EDENIED);
	assert_int_equal(tamis_setting(tamis, "umami.api_kee", text, sizeof text), TAMIS_EINVALID);
	assert_int_equal(tamis_route(tamis, "GET", "/", 200, 1), TAMIS_EINVALID);
	assert_int_equal(SEND(tamis, "{}", NULL, why), TAMIS_EINVALID);
	assert_int_equal(tamis_stop(tamis), 0);
}

static void test_what_cannot_start(void **state)
{
	static const struct {
		const char *setting;
		int error;
		const char *names;
	} cases[] = {
	    {"umami.webside_id=7", TAMIS_ECONFIG, "umami.webside_id"},
	    {"umami.api_key=joe@example.com", TAMIS_ECONFIG, "umami.api_key"},
	    {"spool.sync=sometimes", TAMIS_ECONFIG, "spool.sync"},
	    {"state.dir=/dev/null/x", TAMIS_ECONFIG, "state.dir"},
	    {"identity.key_dir=/", TAMIS_ECONFIG, "identity.key_dir"},
	};
	struct place *place = place_open(NULL);
	char directory[96];

	(void)state;
	snprintf(directory, sizeof directory, "state.dir=%s/state", place->dir);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const settings[] = {directory, cases[i].setting, NULL};
		struct tamis_options options = {
		    .size = sizeof options, .config_path = "/dev/null", .settings = settings};
		struct tamis *tamis = NULL;
		char why[256] = "";

		assert_int_equal(tamis_start(&tamis, &options, why, sizeof why), cases[i].error);
		assert_null(tamis);
		assert_non_null(strstr(why, cases[i].names));
		assert_null(strstr(why, "joe@"));
		assert_int_equal(tamis_start(&tamis, &options, NULL, 0), cases[i].error);
		options.size = 4;
		assert_int_equal(tamis_start(&tamis, &options, NULL, 0), TAMIS_EINVALID);
	}
	place_close(place);
}

struct said {
	int n, level;
	char line[512];
};

static void hear(void *context, int level, const char *line)
{
	struct said *said = context;

	said->n++;
	said->level = level;
	snprintf(said->line, sizeof said->line, "%s", line);
}

static void test_debugging_shows_and_keeps_nothing(void **state)
{
	const char *const debug[4] = {ours[0], "umami.debug=true"};
	struct said said = {0};
	struct started s;
	char why[256];

	(void)state;
	tamis_log(hear, &said);
	s = started(debug);
	assert_int_equal(SEND(s.tamis,
			      "{\"type\":\"event\",\"payload\":{\"name\":\"joe@example.com\"}}",
			      NULL, why),
			 TAMIS_KEPT);
	assert_int_equal(said.level, 3);
	assert_non_null(strstr(said.line, "\"name\":\"[REDACTED_EMAIL]\""));
	assert_non_null(strstr(said.line, "\"hostname\":\"shop\""));
	assert_non_null(strstr(said.line, "\"url\":\"/\""));
	assert_non_null(strstr(said.line, "\"website\":\"" PLACE_WEBSITE "\""));
	ended(&s);
	tamis_log(NULL, NULL);
}

/* What a payload says itself is not replaced; a link has no website. */
static void test_nothing_stands_in_for_what_is_there(void **state)
{
	const char *const debug[4] = {ours[0], "umami.debug=true"};
	struct said said = {0};
	struct started s;
	char why[256];

	(void)state;
	tamis_log(hear, &said);
	s = started(debug);
	(void)SEND(s.tamis,
		   "{\"type\":\"event\",\"payload\":{\"link\":\"" PLACE_WEBSITE
		   "\",\"hostname\":\"example.com\",\"url\":\"/x\"}}",
		   NULL, why);
	assert_null(strstr(said.line, "\"website\""));
	assert_non_null(strstr(said.line, "\"hostname\":\"example.com\""));
	assert_non_null(strstr(said.line, "\"url\":\"/x\""));
	ended(&s);
	tamis_log(NULL, NULL);
}

/* A page view is counted as a request, too, and says what the server knows, without query where
 * none is wanted. */
static void test_pages(void **state)
{
	static const struct {
		const char *told;
		unsigned flags;
		const char *said[3];
	} pages[] = {
	    {"example.com:8080\0"
	     "page=2\0"
	     "https://x.example/p?q=joe#f\0\0\0"
	     "/a b/50%/\xc3\xa4/joe@example.com",
	     0,
	     {"\"hostname\":\"example.com\"", "\"url\":\"/a%20b/50%25/%C3%A4/[REDACTED_EMAIL]\"",
	      "\"referrer\":\"https://x.example/p\""}},
	    {"[2001:db8::1]:80\0"
	     "page=2&token=abc\0"
	     "https://x.example/p?page=3\0\0\0"
	     "/",
	     TAMIS_QUERY,
	     {"\"hostname\":\"[2001:db8::]\"", "\"url\":\"/?page=2&token=[REDACTED]\"",
	      "\"referrer\":\"https://x.example/p?page=3\""}},
	    {"\0\0\0\0\0/x", TAMIS_QUERY, {"\"hostname\":\"shop\"", "\"url\":\"/x\"", ""}},
	    {"\0\0\0\0\0", 0, {"\"hostname\":\"shop\"", "\"url\":\"/\"", ""}},
	    {"x\xff\0\0\0\0\0/\xff", 0, {"\"url\":\"/%FF\"", "", ""}},
	};
	const char *const debug[4] = {ours[0], "umami.debug=true", NULL};
	struct said said = {0};
	struct started s;

	(void)state;
	tamis_log(hear, &said);
	s = started(debug);
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		assert_int_equal(
		    tamis_page(s.tamis, "/p/{id}", 200, 7, pages[i].told, pages[i].flags),
		    TAMIS_KEPT);
		for (int k = 0; k < 3; k++)
			if (!strstr(said.line, pages[i].said[k]))
				fail_msg("%s is not in %s", pages[i].said[k], said.line);
	}
	assert_null(strstr(said.line, "referrer"));
	assert_int_equal(tamis_page(s.tamis, "/", 200, 7, "\0\0\0\0\0/", TAMIS_DNT),
			 TAMIS_NOT_KEPT);
	assert_int_equal(tamis_page(s.tamis, "/", 200, 7, "a b\0\0http://[\0\0\0/", 0),
			 TAMIS_EINVALID);
	assert_int_equal(tamis_page(s.tamis, NULL, 200, 7, "\0\0\0\0\0/", 0), TAMIS_EINVALID);
	assert_int_equal(tamis_page(s.tamis, "/", 200, 7, NULL, 0), TAMIS_EINVALID);
	assert_int_equal(
	    metric(s.tamis, "http_server_request_duration_seconds_count{http_request_method="
			    "\"GET\",http_route=\"/p/{id}\",http_response_status_code=\"200\"} "),
	    5);
	ended(&s);
	tamis_log(NULL, NULL);
}

static void test_limits(void **state)
{
	const char *const small[4] = {ours[0], "spool.max_bytes=4194304",
				      "spool.segment_bytes=1048576", "limit.requests_per_minute=1"};
	struct tamis_visitor visitor = {.size = sizeof visitor, .address = "203.0.113.9"};
	static char large[2 << 20], event[65536];
	struct started s = started(small);
	int result = TAMIS_KEPT;
	char why[256];

	(void)state;
	memset(large, ' ', sizeof large - 1);
	assert_int_equal(SEND(s.tamis, large, NULL, why), TAMIS_ETOOLARGE);
	assert_string_equal(why, "larger than http.max_body_bytes");
	for (int i = 0; i < 10000 && result == TAMIS_KEPT; i++)
		result = SEND(s.tamis, "{\"type\":\"event\",\"payload\":{}}", &visitor, why);
	assert_int_equal(result, TAMIS_ELIMITED);
	memset(large, 'x', 60000);
	large[60000] = '\0';
	snprintf(event, sizeof event, "{\"type\":\"event\",\"payload\":{\"data\":{\"a\":\"%s\"}}}",
		 large);
	for (int i = 0; i < 100000 && result != TAMIS_EFULL; i++)
		result = SEND(s.tamis, event, NULL, why);
	assert_int_equal(result, TAMIS_EFULL);
	assert_string_equal(why, "the spool is full");
	assert_true(metric(s.tamis, "\ntamis_events_refused_total{reason=\"spool_full\"} ") > 0);
	ended(&s);
}

static void test_a_trusted_application_is_not_limited_unless_asked_for(void **state)
{
	const char *const burst[4] = {ours[0], "limit.burst=1"};
	struct tamis_visitor visitor = {.size = sizeof visitor, .address = "203.0.113.9"};
	struct started s = started(burst);
	char why[256];

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    SEND(s.tamis, "{\"type\":\"event\",\"payload\":{}}", &visitor, why),
		    TAMIS_KEPT);
	assert_int_equal(tamis_setting(s.tamis, "limit.requests_per_minute", why, sizeof why), 1);
	assert_string_equal(why, "0");
	ended(&s);
}

#define THREADS 100 /* more than there are workers */
#define EACH 50

static void *send_each(void *tamis)
{
	char why[256];

	for (int i = 0; i < EACH; i++)
		if (SEND((struct tamis *)tamis, "{\"type\":\"event\",\"payload\":{}}", NULL, why) !=
			TAMIS_KEPT ||
		    tamis_route(tamis, "GET", "/a", 200, 1) != 0)
			return tamis;
	return NULL;
}

static void test_more_threads_than_workers(void **state)
{
	const char *const always[4] = {ours[0], "spool.sync=always"};
	struct started s = started(always);
	pthread_t threads[THREADS];
	void *failed;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_each, s.tamis), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(metric(s.tamis, "\ntamis_events_accepted_total "), THREADS * EACH);
	ended(&s);
}

/* A child that may open no file says so, and goes on once it may. */
static void test_a_child_without_descriptors(void **state)
{
	static const char event[] = "{\"type\":\"event\",\"payload\":{}}";
	struct started s = started(ours);
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct rlimit few, many;
		char why[256];

		getrlimit(RLIMIT_NOFILE, &many);
		few = many;
		few.rlim_cur = 3;
		setrlimit(RLIMIT_NOFILE, &few);
		if (SEND(s.tamis, event, NULL, why) != TAMIS_EIO)
			_exit(1);
		setrlimit(RLIMIT_NOFILE, &many);
		/* Not tried again for a second. */
		for (int i = 0; i < 1000 && SEND(s.tamis, event, NULL, why) == TAMIS_EIO; i++)
			usleep(10000);
		_exit(tamis_stop(s.tamis) == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(metric(s.tamis, "\ntamis_events_accepted_total "), 1);
	ended(&s);
}

/* What was typed comes instead of a template at times: nothing of it is kept. */
static void test_routes_are_strained(void **state)
{
	struct started s = started(ours);
	char text[1 << 16];

	(void)state;
	assert_int_equal(tamis_route(s.tamis, "GET", "/users/{id}", 200, 1), 0);
	assert_int_equal(tamis_route(s.tamis, "GET", "/users/jo@example.com?token=abc123", 200, 1),
			 0);
	assert_true(tamis_metrics(s.tamis, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "\"/users/{id}\""));
	assert_non_null(strstr(text, "\"/users/[REDACTED_EMAIL]?token=[REDACTED]\""));
	assert_null(strstr(text, "jo@example.com"));
	assert_null(strstr(text, "abc123"));
	ended(&s);
}

/* The directory is removed under it. */
static void test_the_state_directory_is_gone(void **state)
{
	struct started s = started(ours);
	char path[96], why[256];

	(void)state;
	assert_int_equal(SEND(s.tamis, "{\"type\":\"event\",\"payload\":{}}", NULL, why),
			 TAMIS_KEPT);
	snprintf(path, sizeof path, "%s/state", s.place->dir);
	nftw(path, place_remove, 8, FTW_DEPTH | FTW_PHYS);
	usleep(2000); /* the spool looks after its name once a millisecond */
	assert_int_equal(SEND(s.tamis, "{\"type\":\"event\",\"payload\":{}}", NULL, why),
			 TAMIS_KEPT);
	assert_int_equal(tamis_route(s.tamis, "GET", "/a", 200, 1), 0);
	assert_int_equal(tamis_flush(s.tamis, 0), 0);
	assert_true(access(path, F_OK) == 0);
	ended(&s);
}

/* The application's process is left as it was. */
static void test_nothing_of_the_process_is_changed(void **state)
{
	struct sigaction before[NSIG], now;
	struct rlimit core, core_now;
	struct started s;
	mode_t mask = umask(027);
	sigset_t mine, mine_now;
	char why[256];

	(void)state;
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &before[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &mine);
	getrlimit(RLIMIT_CORE, &core);
	s = started(ours);
	assert_int_equal(SEND(s.tamis, "{\"type\":\"event\",\"payload\":{}}", NULL, why),
			 TAMIS_KEPT);
	for (int i = 1; i < NSIG; i++)
		if (sigaction(i, NULL, &now) == 0) /* two are the C library's own */
			assert_ptr_equal(now.sa_handler, before[i].sa_handler);
	pthread_sigmask(SIG_SETMASK, NULL, &mine_now);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&mine_now, i), sigismember(&mine, i));
	getrlimit(RLIMIT_CORE, &core_now);
	assert_int_equal(core_now.rlim_cur, core.rlim_cur);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
	assert_int_equal(umask(mask), 027);
	ended(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_settings),
	    cmocka_unit_test(test_what_cannot_start),
	    cmocka_unit_test(test_debugging_shows_and_keeps_nothing),
	    cmocka_unit_test(test_nothing_stands_in_for_what_is_there),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_a_trusted_application_is_not_limited_unless_asked_for),
	    cmocka_unit_test(test_more_threads_than_workers),
	    cmocka_unit_test(test_a_child_without_descriptors),
	    cmocka_unit_test(test_routes_are_strained),
	    cmocka_unit_test(test_the_state_directory_is_gone),
	    cmocka_unit_test(test_nothing_of_the_process_is_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
