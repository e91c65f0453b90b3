/*
 * Every allocation fails in turn, PCRE2's and those of its JIT compiler too (malloc() is
 * replaced in the whole program): what follows is an error, or a clean output; never a
 * byte of what had to go. So it is where a match runs into a limit. And a fork at any moment.
 */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sanitizer.h"

/* The libraries' calls must find ours. */
#define EXPORTED __attribute__((visibility("default")))

/* glibc's own entries. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static long until_failure = -1; /* calls that still succeed; negative: all */
static bool for_good;		/* every later call fails too */
static bool failed;

static bool fails(void)
{
	if (until_failure < 0 || until_failure-- > 0)
		return false;
	if (for_good)
		until_failure = 0;
	failed = true;
	errno = ENOMEM;
	return true;
}

EXPORTED void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

EXPORTED void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

/* What has to go from `text`, a piece of each class; the JWT, a made-up one, in two parts. */
static const char *const secrets[] = {"a.b@c.example", "hunter2",      "3f2504e0-4f89",
				      "4111 1111",     "+14155550132", "d41d8cd98f00b204",
				      "10.1.2.3",      "2001:db8::7",  "eyJhbGciOiJIUzI1NiJ9",
				      "a1a1a1a1a1",    "DE44 5001",    "123-45-6789",
				      "aa:bb:cc:dd",   "AB-1234"};
static const char text[] =
    "mail a.b@c.example now; password=hunter2&x=1 id 3f2504e0-4f89-11d3-9a0c-0305e82c3301\n"
    "card 4111 1111 1111 1111 tel +14155550132 md5 d41d8cd98f00b204e9800998ecf8427e\n"
    "from 10.1.2.3 and 2001:db8::7 with eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl\n"
    "key gl"
    "sa_a1a1a1a1a1B2b2b2b2b2C3c3c3c3c3D4_0a1b2c3d iban DE44 5001 0517 5407 3249 31\n"
    "ssn 123-45-6789 mac aa:bb:cc:dd:ee:01 own AB-1234\n";

/* Telling needs memory. */
static void must(bool condition, const char *what)
{
	if (condition)
		return;
	until_failure = -1;
	fail_msg("%s", what);
}

static void assert_gone(const char *out, size_t len)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		must(!memmem(out, len, secrets[i], strlen(secrets[i])), secrets[i]);
}

static void options_of(struct san_options *options)
{
	static const struct san_own own[] = {{"ticket", "AB-", "AB-[0-9]{4,8}", NULL}};
	static const char *const names[] = {"badge", NULL}, *const allow[] = {"10.9.0.0/16", NULL};

	san_options_init(options);
	for (int class = 0; class < SAN_CLASSES; class ++)
		options->action[class] = SAN_REDACT;
	options->own = own;
	options->n_own = 1;
	options->secret = names;
	options->allow = allow;
}

struct collected {
	char data[8192];
	size_t len;
};

static int collect(void *context, const char *data, size_t len)
{
	struct collected *c = context;

	if (len > sizeof(c->data) - c->len)
		return 1;
	memcpy(c->data + c->len, data, len);
	c->len += len;
	return 0;
}

static void clean(struct san_scanner *scanner, enum san_mode mode)
{
	struct collected out = {.len = 0};
	struct san_span spans[64];
	int rc =
	    san_clean(scanner, mode, text, sizeof(text) - 1, out.data, sizeof(out.data), &out.len);

	if (rc >= 0)
		assert_gone(out.data, out.len);
	rc = san_find(scanner, mode, text, sizeof(text) - 1, spans, 64);
	must(rc != 0, "nothing was found");
}

static void stream(struct san_scanner *scanner)
{
	struct collected out = {.len = 0};
	int rc = san_stream_begin(scanner, SAN_TEXT, collect, &out);

	for (size_t at = 0; rc == 0 && at < sizeof(text) - 1; at += 10)
		rc = san_stream_feed(scanner, text + at,
				     sizeof(text) - 1 - at < 10 ? sizeof(text) - 1 - at : 10);
	(void)san_stream_end(scanner);
	assert_gone(out.data, out.len);
}

/* One life of a rule set; true if it came to its end. */
static bool live(bool compile)
{
	struct san_options options;
	struct san_rules *rules = NULL;
	struct san_scanner *scanner = NULL;
	char why[200] = "";
	int rc;

	options_of(&options);
	rc = san_rules_new(&rules, &options, why, sizeof(why));
	if (rc) {
		must((rc == SAN_ENOMEM || rc == SAN_ERULE) && !rules, why);
		return false;
	}
	rc = compile ? san_rules_compile(rules) : 0;
	must(rc == 0 || rc == SAN_ENOMEM, "san_rules_compile");
	rc = san_scanner_new(&scanner, rules);
	must(rc == 0 || (rc == SAN_ENOMEM && !scanner), "san_scanner_new");
	if (rc == 0) {
		clean(scanner, SAN_TEXT);
		clean(scanner, SAN_URL);
		clean(scanner, SAN_JSON);
		stream(scanner);
	}
	san_scanner_free(scanner);
	san_rules_free(rules);
	return rc == 0;
}

static long every_allocation_fails(bool compile, bool and_all_later)
{
	long n = 0;

	for (failed = true; failed; n++) {
		failed = false;
		for_good = and_all_later;
		until_failure = n;
		(void)live(compile);
		until_failure = -1;
		assert_true(n < 10000);
	}
	assert_true(live(compile));
	return n;
}

static void each_allocation_of_first_need(void **state)
{
	(void)state;
	assert_true(every_allocation_fails(false, false) > 20);
	assert_true(every_allocation_fails(false, true) > 20);
}

static void each_allocation_of_compiling_beforehand(void **state)
{
	(void)state;
	assert_true(every_allocation_fails(true, true) > 300);
}

/* Own patterns that run into PCRE2's limits: of steps, and of the stack of its JIT. */
static void a_match_that_hits_a_limit_redacts(void **state)
{
	static const struct san_own own[] = {
	    {"steps", "AB", "AB(?:a|aa|aaa){0,400}c", "[STEPS]"},
	    {"stack", "CD", "CD(?:(a)|(b)|(ab)){0,800}(?=c)", "[STACK]"}};
	struct san_options options;
	struct san_rules *rules;
	struct san_scanner *scanner;
	char in[20000], out[20000];
	size_t len;

	(void)state;
	san_options_init(&options);
	options.own = own;
	options.n_own = 2;
	assert_int_equal(san_rules_new(&rules, &options, NULL, 0), 0);
	assert_int_equal(san_scanner_new(&scanner, rules), 0);
	for (int i = 0; i < 2; i++) {
		memset(in, 'a', sizeof(in));
		memcpy(in, "ok ", 3);
		memcpy(in + 3, own[i].anchor, 2);
		memcpy(in + 12000, " z\nnext\n", 8);
		assert_int_equal(san_clean(scanner, SAN_TEXT, in, 12008, out, sizeof(out), &len),
				 i == 0);
		if (i == 0)
			assert_null(memmem(out, len, "aaaa", 4));
		assert_memory_equal(out + len - 5, "next\n", 5);
	}
	assert_int_equal(san_counts(scanner)[SAN_OWN], 1);
	san_scanner_free(scanner);
	san_rules_free(rules);
}

static void compile_all(void)
{
	struct san_rules *rules = NULL;

	if (san_rules_new(&rules, NULL, NULL, 0) != 0 || san_rules_compile(rules) != 0)
		abort();
	san_rules_free(rules);
}

static void *compile_until(void *stop)
{
	while (!atomic_load((atomic_bool *)stop))
		compile_all();
	return NULL;
}

/* PCRE2 has a lock for the process: the child must find it free. */
static void a_fork_amid_compiling_can_compile(void **state)
{
	static atomic_bool stop;
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, compile_until, &stop), 0);
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();
		int status = -1;

		if (child == 0) {
			alarm(10);
			compile_all();
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_allocation_of_first_need),
	    cmocka_unit_test(each_allocation_of_compiling_beforehand),
	    cmocka_unit_test(a_match_that_hits_a_limit_redacts),
	    cmocka_unit_test(a_fork_amid_compiling_can_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
