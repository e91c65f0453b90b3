/*
 * What must hold for every input, over inputs made of what matters; over long ones that
 * are cut into segments; and over one rule set that 16 threads use from its first need.
 */
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json_valid.h"
#include "san_check.h"
#include "san_input.h"

#define INPUTS 1500
#define INPUT_MAX 16384
#define LONG_MAX (700 * 1024)
#define THREADS 16

static const enum san_mode modes[] = {SAN_TEXT, SAN_URL, SAN_JSON};

static void every_input_is_cleaned_as_promised(void **state)
{
	struct san_check *check = san_check_new(NULL);
	char in[INPUT_MAX];

	(void)state;
	for (uint64_t i = 1; i <= INPUTS; i++) {
		uint64_t seed = i * 0x9e3779b97f4a7c15u;
		size_t len = san_input(&seed, in, sizeof(in));
		/* The stack of a failed MUST() leads here. */
		san_check_whole(check, modes[i % 3], (const uint8_t *)in, len);
		san_check_stream(check, modes[i % 3], (const uint8_t *)in, len, seed);
	}
	san_check_free(check);
}

/* A value where values stand in mode i: a line, a path, a document. */
static void assert_same_twice(struct san_check *check, size_t i, const char *value, size_t len)
{
	static const char *const places[][2] = {
	    {"GET /a?x=", "&y=1 200"}, {"/a/", "/b#c"}, {"{\"a\":\"", "\",\"b\":1}"}};
	char text[8300];
	int n =
	    snprintf(text, sizeof(text), "%s%.*s%s", places[i][0], (int)len, value, places[i][1]);

	assert_true(n > 0 && (size_t)n < sizeof(text));
	san_check_twice(check, modes[i], (const uint8_t *)text, (size_t)n);
}

static void cleaning_twice_changes_nothing(void **state)
{
	/* What stands for a piece seen as a part of something else. */
	static const char *const found[] = {"token:m]",
					    "pass=2])",
					    "secret:[x",
					    "session={e",
					    "pass: [a, b]",
					    "secret:\"x\"@b.ab",
					    "token:c<token>4",
					    "token: {a: [b], c}",
					    "auth=[x]]",
					    "1.2.3.4.5d41d8cd98f00b204e9800998ecf8411",
					    "b8::1d41d8cd98f00b204e9800998ecf8427",
					    "d:e:f::g@l.EM",
					    "d:e:f:::2.0.2.2",
					    "pass=%\"b\"@c.he",
					    "token:]\"b\"@c.in",
					    "pw=\".\"b\"@c.ab?c",
					    "--pass +30 901820!1",
					    "phone=34567 378282246310005",
					    "phone=301234567(415 555-0132",
					    "4111-1111-1111-1111 4111-1111-1111-1111",
					    "0123456789abcdef0123456789abcdef/0.1.2.3",
					    "r@r.RA-2ae292f766c40f42a6a1ae80ea360132",
					    "token:N 4111%201111%201111%201111:",
					    "::1%3301 4111 4111 1111 1111 1301",
					    "--pass %6A%20",
					    "\"pw=b\"@c.eA",
					    "token: J.(415)555-0132",
					    "4111111111111111--pass \377+430 90180",
					    "q@b.co_@b.tp",
					    "s://4111 1111 1111 1111@3",
					    "Authorization:s://;@e",
					    "token='l'x@[2.0.2.1]x",
					    "/cb?code=x>code=\377",
					    "/cb?code=4 <code=/",
					    "/cb?o@b.oD?code=x",
					    "passwd=\"\n\"b\"@c.ey",
					    "--password ?\n/cb?code=x",
					    "3%253A%252F%252F%2540\357\274\240\"b\"@c.ea",
					    "s://sessionid=?&%40\377",
					    "/cb?code=0%22;code=0",
					    "s://:r/n@e.et@j",
					    "2%403%2E%65b-65d2dc61b91d81407fec20c255afa680"};
	struct san_check *check = san_check_new(NULL);
	char key[8192];
	uint64_t seed = 5;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++)
		for (size_t mode = 0; mode < 3; mode++)
			san_check_twice(check, modes[mode], (const uint8_t *)found[i],
					strlen(found[i]));
	for (size_t i = 0; (len = san_key_example(i, &seed, key, sizeof(key))) > 0; i++)
		assert_same_twice(check, i % 3, key, len);
	for (size_t i = 0; san_pieces[i]; i++)
		for (size_t mode = 0; mode < 3; mode++)
			assert_same_twice(check, mode, san_pieces[i], strlen(san_pieces[i]));
	san_check_free(check);
}

/* --- valid JSON stays valid JSON ------------------------------------------------ */

struct text {
	char *data;
	size_t len, cap;
};

static void put(struct text *t, const char *s, size_t n)
{
	if (n <= t->cap - t->len) {
		memcpy(t->data + t->len, s, n);
		t->len += n;
	}
}

/* Names, separators and what opens or closes something, where a string ends. */
static const char *const ends[] = {"password",
				   "pass:",
				   "token=",
				   "session={",
				   "secret: [",
				   "(\"token\"",
				   "--password ",
				   "{",
				   "[",
				   "}",
				   "]",
				   "\"",
				   "'",
				   "\\",
				   ":",
				   "=",
				   "@",
				   "!",
				   "phone: ",
				   "<token>",
				   "a@b.example",
				   "Digest ",
				   "user:",
				   "//",
				   "Auth: ",
				   ",",
				   " ",
				   "\\u0022",
				   "%22",
				   "&quot;",
				   "4111111111111111"};

static void put_string(struct text *t, uint64_t *seed)
{
	size_t n_pieces = 0;

	while (san_pieces[n_pieces])
		n_pieces++;
	put(t, "\"", 1);
	for (uint64_t i = san_random(seed) % 5; i > 0; i--) {
		const char *s = san_random(seed) % 3
				    ? ends[san_random(seed) % (sizeof(ends) / sizeof(*ends))]
				    : san_pieces[san_random(seed) % n_pieces];
		for (; *s; s++) {
			if (*s == '"' || *s == '\\')
				put(t, "\\", 1);
			if ((unsigned char)*s >= ' ')
				put(t, s, 1);
		}
	}
	put(t, "\"", 1);
}

static void put_value(struct text *t, uint64_t *seed, int depth)
{
	static const char *const plain[] = {"1",    "4111111111111111", "-1.5e3", "true",
					    "null", "14155550132",	"[]",	  "{}"};
	uint64_t kind = san_random(seed) % 6, n = san_random(seed) % 4;

	if (kind < 3 || depth == 3) {
		put_string(t, seed);
		return;
	}
	if (kind == 3) {
		const char *s = plain[san_random(seed) % (sizeof(plain) / sizeof(*plain))];
		put(t, s, strlen(s));
		return;
	}
	put(t, kind == 4 ? "{" : "[", 1);
	for (uint64_t i = 0; i < n; i++) {
		put(t, ", ", i == 0 ? 0 : 1 + san_random(seed) % 2);
		if (kind == 4) {
			put_string(t, seed);
			put(t, ": ", 1 + san_random(seed) % 2);
		}
		put_value(t, seed, depth + 1);
	}
	put(t, kind == 4 ? "}" : "]", 1);
}

static void valid_json_stays_valid(void **state)
{
	struct san_check *check = san_check_new(NULL);
	char data[65536];

	(void)state;
	for (uint64_t i = 1; i <= 20 * INPUTS; i++) {
		struct text t = {.data = data, .cap = sizeof(data)};
		uint64_t seed = i * 0x2545f4914f6cdd1du;
		put_value(&t, &seed, 0);
		assert_true(json_valid(t.data, t.len));
		san_check_whole(check, SAN_JSON, (const uint8_t *)t.data, t.len);
	}
	san_check_free(check);
}

/* Every class looked for, and what stands for a piece is not always longer. */
static void so_it_is_with_all_classes_and_truncated_addresses(void **state)
{
	struct san_options options;
	char in[INPUT_MAX];

	(void)state;
	san_options_init(&options);
	for (int class = 0; class < SAN_OWN; class ++)
		options.action[class] = SAN_REDACT;
	struct san_check *check = san_check_new(&options);
	for (uint64_t i = 1; i <= INPUTS; i++) {
		uint64_t seed = i * 0xd1342543de82ef95u;
		size_t len = san_input(&seed, in, sizeof(in));
		san_check_whole(check, modes[i % 3], (const uint8_t *)in, len);
	}
	san_check_free(check);
	options.action[SAN_IP] = SAN_TRUNCATE;
	check = san_check_new(&options);
	for (uint64_t i = 1; i <= INPUTS / 3; i++) {
		uint64_t seed = i * 0xd1342543de82ef95u;
		size_t len = san_input(&seed, in, sizeof(in));
		san_check_stream(check, modes[i % 3], (const uint8_t *)in, len, seed);
	}
	san_check_free(check);
}

/* One record of `len` bytes from one input again and again. */
static void fill(char *text, size_t len, uint64_t seed, bool lines)
{
	char in[INPUT_MAX];

	for (size_t at = 0; at < len;) {
		size_t n = san_input(&seed, in, sizeof(in));
		for (size_t i = 0; i < n && !lines; i++)
			in[i] = in[i] == '\n' ? ' ' : in[i];
		n = n < len - at ? n : len - at;
		memcpy(text + at, in, n);
		at += n;
	}
}

static void long_input_is_cut_at_the_same_places(void **state)
{
	static const char *const runs[] = {"hasha1.\xb4"
					   "3\x01\x07\xff\xff~\xff",
					   "0123456789abcdef0123x",
					   "x=",
					   "%41",
					   "a.b-",
					   "1.2.3.4_",
					   "+4",
					   "token"};
	struct san_check *check = san_check_new(NULL);
	char *text = malloc(LONG_MAX);

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 6; i++) {
		fill(text, LONG_MAX, 77 + i, i >= 3);
		san_check_stream(check, modes[i % 3], (const uint8_t *)text, LONG_MAX, 5 + i);
	}
	/* Runs without any place for a cut: whether they go must not depend on what comes when. */
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		for (size_t at = 0; at < LONG_MAX; at++)
			text[at] = runs[i][at % strlen(runs[i])];
		san_check_stream(check, SAN_TEXT, (const uint8_t *)text, LONG_MAX, 3 + i);
	}
	/* A run without any place for a cut, with a candidate in it, goes whole. */
	memset(text, 'x', LONG_MAX);
	memcpy(text + 10, "a@b.example", 11);
	san_check_stream(check, SAN_TEXT, (const uint8_t *)text, LONG_MAX, 3);
	size_t len;
	const char *out = san_check_output(check, &len);
	assert_null(memchr(out, 'x', len));
	free(text);
	san_check_free(check);
}

/* --- 16 threads ---------------------------------------------------------------- */

struct shared {
	const struct san_rules *rules;
	const char *in, *expected;
	size_t len, expected_len;
	pthread_barrier_t start;
	int bad;
};

static bool cleans_alike(const struct shared *shared, struct san_scanner *scanner, char *out)
{
	size_t len;

	return san_clean(scanner, SAN_TEXT, shared->in, shared->len, out, shared->expected_len,
			 &len) >= 0 &&
	       len == shared->expected_len && !memcmp(out, shared->expected, len);
}

static void *scan_with_the_others(void *context)
{
	struct shared *shared = context;
	struct san_scanner *scanner = NULL;
	char *out = malloc(shared->expected_len);
	bool good = out && san_scanner_new(&scanner, shared->rules) == 0;

	pthread_barrier_wait(&shared->start);
	for (int i = 0; good && i < 3; i++)
		good = cleans_alike(shared, scanner, out);
	if (!good)
		__atomic_add_fetch(&shared->bad, 1, __ATOMIC_RELAXED);
	san_scanner_free(scanner);
	free(out);
	return NULL;
}

/* No pattern is compiled when they start: each is published while others look for it. */
static void one_rule_set_serves_16_threads(void **state)
{
	struct san_check *check = san_check_new(NULL);
	struct san_options options;
	struct san_rules *rules;
	struct shared shared = {.len = 100 * 1024};
	pthread_t threads[THREADS];
	char *text = malloc(shared.len), *expected;

	(void)state;
	assert_non_null(text);
	fill(text, shared.len, 4242, true);
	san_check_stream(check, SAN_TEXT, (const uint8_t *)text, shared.len, 9);
	shared.expected = san_check_output(check, &shared.expected_len);
	expected = malloc(shared.expected_len);
	assert_non_null(expected);
	memcpy(expected, shared.expected, shared.expected_len);
	shared.expected = expected;
	shared.in = text;
	san_options_init(&options);
	options.action[SAN_IP] = SAN_REDACT;
	assert_int_equal(san_rules_new(&rules, &options, NULL, 0), 0);
	shared.rules = rules;
	assert_int_equal(pthread_barrier_init(&shared.start, NULL, THREADS), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, scan_with_the_others, &shared),
				 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(shared.bad, 0);
	pthread_barrier_destroy(&shared.start);
	san_rules_free(rules);
	free(expected);
	free(text);
	san_check_free(check);
}

/* --- code paths ----------------------------------------------------------------- */

/* All outputs of a sequence of inputs as one number (FNV-1a). */
static uint64_t digest(void)
{
	struct san_check *check = san_check_new(NULL);
	uint64_t hash = 0xcbf29ce484222325u;
	char *in = malloc(INPUT_MAX * 4);

	for (uint64_t i = 1; in && i <= INPUTS; i++) {
		uint64_t seed = i * 0xa0761d6478bd642fu;
		size_t len = san_input(&seed, in, INPUT_MAX), out_len;
		if (i % 8 == 0) {
			fill(in, INPUT_MAX * 4, seed, true);
			len = INPUT_MAX * 4;
		}
		san_check_stream(check, modes[i % 3], (const uint8_t *)in, len, seed);
		const char *out = san_check_output(check, &out_len);
		for (size_t k = 0; k < out_len; k++)
			hash = (hash ^ (unsigned char)out[k]) * 0x100000001b3u;
	}
	free(in);
	san_check_free(check);
	return hash;
}

static const char *myself;

/* "isa digest" of this program run with SANITIZER_ISA=isa. */
static void digest_of(const char *isa, char *answer, size_t size)
{
	char command[4400];
	FILE *child;

	(void)snprintf(command, sizeof(command), "SANITIZER_ISA=%s '%s' digest", isa, myself);
	child = popen(command, "r");
	assert_non_null(child);
	assert_non_null(fgets(answer, (int)size, child));
	assert_int_equal(pclose(child), 0);
}

static void every_code_path_of_this_cpu_gives_the_same_bytes(void **state)
{
	static const char *const others[] = {"sse4.2", "avx2", "avx512", "avx512vbmi"};
	char scalar[100], other[100];

	(void)state;
	digest_of("scalar", scalar, sizeof(scalar));
	assert_int_equal(strncmp(scalar, "scalar ", 7), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		digest_of(others[i], other, sizeof(other));
		/* A path that the CPU lacks is not taken: its name is another one then. */
		assert_string_equal(strchr(other, ' '), strchr(scalar, ' '));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_input_is_cleaned_as_promised),
	    cmocka_unit_test(cleaning_twice_changes_nothing),
	    cmocka_unit_test(valid_json_stays_valid),
	    cmocka_unit_test(so_it_is_with_all_classes_and_truncated_addresses),
	    cmocka_unit_test(long_input_is_cut_at_the_same_places),
	    cmocka_unit_test(one_rule_set_serves_16_threads),
	    cmocka_unit_test(every_code_path_of_this_cpu_gives_the_same_bytes),
	};

	myself = argv[0];
	if (argc > 1 && !strcmp(argv[1], "digest"))
		return printf("%s %016llx\n", san_isa(), (unsigned long long)digest()) < 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
