/*
 * Golden tests of tests/data/sanitizer.test, groups of three lines: the mode and
 * CLASS=ACTION, the input, the output ("-" for nothing). Then what lines cannot
 * show: buffers, spans, streams, options.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitizer.h"

static const unsigned char key[16] = "0123456789abcde";
static const char *const actions[] = {"keep",	   "redact", "truncate", "last4",
				      "pseudonym", "mask",   "drop"};

static struct san_scanner *scanner_of(const struct san_options *options, struct san_rules **rules)
{
	struct san_scanner *scanner = NULL;
	char why[200] = "";

	if (san_rules_new(rules, options, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	assert_int_equal(san_scanner_new(&scanner, *rules), 0);
	return scanner;
}

static void scanner_done(struct san_scanner *scanner, struct san_rules *rules)
{
	san_scanner_free(scanner);
	san_rules_free(rules);
}

static enum san_mode read_setting(char *line, struct san_options *options)
{
	char *save = NULL, *word = strtok_r(line, " \n", &save);
	enum san_mode mode = !strcmp(word, "url")    ? SAN_URL
			     : !strcmp(word, "json") ? SAN_JSON
						     : SAN_TEXT;

	san_options_init(options);
	options->key = key;
	while ((word = strtok_r(NULL, " \n", &save)) != NULL) {
		char *equals = strchr(word, '=');
		assert_non_null(equals);
		*equals = 0;
		int class = san_class_by_name(word);
		assert_true(class >= 0);
		for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
			if (!strcmp(actions[i], equals + 1))
				options->action[class] = (enum san_action)i;
	}
	return mode;
}

static void golden_holds(char *setting, const char *input, const char *expected, int line)
{
	struct san_options options;
	struct san_rules *rules;
	char out[4096];
	size_t len;
	enum san_mode mode = read_setting(setting, &options);
	struct san_scanner *scanner = scanner_of(&options, &rules);

	assert_true(san_clean(scanner, mode, input, strlen(input), out, sizeof(out) - 1, &len) >=
		    0);
	out[len] = 0;
	if (strcmp(out, strcmp(expected, "-") ? expected : "") != 0)
		fail_msg("sanitizer.test:%d: expected\n%s\ngot\n%s", line, expected, out);
	scanner_done(scanner, rules);
}

static void goldens_hold(void **state)
{
	const char *top = getenv("top_srcdir");
	char name[4096], group[3][4096];
	int line = 0, have = 0, groups = 0;
	FILE *file;

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/tests/data/sanitizer.test", top ? top : ".");
	file = fopen(name, "r");
	assert_non_null(file);
	while (fgets(group[have], sizeof(group[have]), file)) {
		line++;
		if (have == 0 && group[have][0] == '#')
			continue;
		group[have][strcspn(group[have], "\n")] = 0;
		if (++have < 3)
			continue;
		golden_holds(group[0], group[1], group[2], line - 2);
		have = 0;
		groups++;
	}
	(void)fclose(file);
	assert_int_equal(have, 0);
	assert_true(groups > 30);
}

static void a_small_buffer_is_told_the_size(void **state)
{
	struct san_rules *rules;
	struct san_scanner *scanner = scanner_of(NULL, &rules);
	const char in[] = "mail a@b.co now";
	char out[64];
	size_t len = 0, need;

	(void)state;
	assert_int_equal(san_clean(scanner, SAN_TEXT, in, sizeof(in) - 1, out, 3, &need),
			 SAN_ENOSPC);
	assert_int_equal(need, sizeof("mail [REDACTED_EMAIL] now") - 1);
	assert_int_equal(san_clean(scanner, SAN_TEXT, in, sizeof(in) - 1, out, need, &len), 1);
	assert_int_equal(len, need);
	assert_int_equal(san_clean(scanner, SAN_TEXT, "", 0, NULL, 0, &len), 0);
	assert_int_equal(len, 0);
	scanner_done(scanner, rules);
}

static void short_input_needs_no_buffer(void **state)
{
	static char in[16 * 1024 + 2];
	struct san_rules *rules;
	struct san_scanner *scanner = scanner_of(NULL, &rules);

	(void)state;
	assert_string_equal(san_clean_short(scanner, SAN_TEXT, "mail a@b.co now", 15),
			    "mail [REDACTED_EMAIL] now");
	assert_null(san_clean_short(scanner, SAN_TEXT, "mail\0Joe", 8));
	assert_null(san_clean_short(scanner, SAN_TEXT, NULL, 0));
	memset(in, 'a', sizeof(in));
	assert_string_equal(san_clean_short(scanner, SAN_TEXT, in, sizeof(in) - 1), "");
	assert_string_equal(san_clean_short(scanner, SAN_TEXT, "a@b.co\0x", 8), "");
	assert_string_equal(san_clean_short(scanner, (enum san_mode)9, "a@b.co", 6), "");
	assert_string_equal(san_clean_short(NULL, SAN_TEXT, "a@b.co", 6), "");
	scanner_done(scanner, rules);
}

static void spans_tell_place_class_and_rule(void **state)
{
	struct san_rules *rules;
	struct san_scanner *scanner = scanner_of(NULL, &rules);
	const char in[] = "x\na@b.co token=q";
	struct san_span spans[2] = {0};

	(void)state;
	assert_int_equal(san_find(scanner, SAN_TEXT, in, sizeof(in) - 1, NULL, 0), 2);
	assert_int_equal(san_find(scanner, SAN_TEXT, in, sizeof(in) - 1, spans, 2), 2);
	assert_int_equal(spans[0].start, 2);
	assert_int_equal(spans[0].end, 8);
	assert_int_equal(spans[0].san_class, SAN_EMAIL);
	assert_string_equal(spans[0].rule, "email");
	assert_int_equal(spans[1].start, 15);
	assert_int_equal(spans[1].san_class, SAN_SECRET);
	assert_int_equal(san_counts(scanner)[SAN_EMAIL], 0);
	scanner_done(scanner, rules);
}

struct collected {
	char data[1 << 16];
	size_t len;
	int refuse_after;
};

static int collect(void *context, const char *data, size_t len)
{
	struct collected *c = context;

	if (c->refuse_after-- == 0)
		return 1;
	assert_true(c->len + len <= sizeof(c->data));
	memcpy(c->data + c->len, data, len);
	c->len += len;
	return 0;
}

/* Escaped, so that who scans this repository for keys finds none. */
#define KEY "PRIVATE\x20KEY"

static const struct {
	const char *in, *want;
	int pieces;
} streams[] = {
    {"a@b.co one\n-----BEGIN " KEY "-----\nMIIEvQ==\nabcd\n-----END " KEY "-----\n"
     "token=\"open\nnext 4111 1111 1111 1111\n\nlast c@d.io",
     "[REDACTED_EMAIL] one\n-----BEGIN " KEY "-----\n[REDACTED_API_KEY]\n\n"
     "-----END " KEY "-----\ntoken=\"[REDACTED]\nnext [REDACTED_CARD]\n\n"
     "last [REDACTED_EMAIL]",
     5},
    /* Every line has a stamp; the key has no end. */
    {"t1 -----BEGIN " KEY "-----\nt2 Proc-Type: 4,ENCRYPTED\nt3 a@b.co\n"
     "t4 MIIEvQibadanbgkqhki1MIIEvQibadanbgkqhki1\nt5 abcd\nt6 word\n-----BEGIN " KEY
     "-----\nx 10.1.2.3\nabcd",
     "t1 -----BEGIN " KEY "-----\nt2 Proc-Type: 4,ENCRYPTED\nt3 [REDACTED_EMAIL]\n"
     "t4 [REDACTED_API_KEY]\nt5 \nt6 word\n-----BEGIN " KEY "-----\nx 10.1.2.0\nabcd",
     3},
    /* A lone sign is the key's or not, whatever stands before it in memory. */
    {"-----BEGIN " KEY "-----\n+\n +\nMIIEvQ==\n-----END " KEY "-----",
     "-----BEGIN " KEY "-----\n[REDACTED_API_KEY]\n \n\n-----END " KEY "-----", 1},
};

static void streams_do_not_see_the_cuts(void **state)
{
	static struct collected got;
	struct san_options options;
	struct san_rules *rules;

	(void)state;
	san_options_init(&options);
	options.action[SAN_IP] = SAN_TRUNCATE;
	struct san_scanner *scanner = scanner_of(&options, &rules);
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		const char *in = streams[i].in;
		size_t len = strlen(in);
		for (size_t step = 1; step <= len; step++) {
			got.len = 0;
			got.refuse_after = -1;
			assert_int_equal(san_stream_begin(scanner, SAN_TEXT, collect, &got), 0);
			for (size_t at = 0; at < len; at += step) {
				size_t n = len - at < step ? len - at : step;
				assert_int_equal(san_stream_feed(scanner, in + at, n), 0);
			}
			assert_int_equal(san_stream_end(scanner), streams[i].pieces);
			assert_int_equal(got.len, strlen(streams[i].want));
			assert_memory_equal(got.data, streams[i].want, got.len);
		}
	}
	scanner_done(scanner, rules);
}

static void a_refusing_writer_stops_the_stream(void **state)
{
	static struct collected got = {.refuse_after = 0};
	struct san_rules *rules;
	struct san_scanner *scanner = scanner_of(NULL, &rules);

	(void)state;
	assert_int_equal(san_stream_begin(scanner, SAN_TEXT, collect, &got), 0);
	assert_int_equal(san_stream_begin(scanner, SAN_TEXT, collect, &got), SAN_EINVAL);
	assert_int_equal(san_stream_feed(scanner, "line\n", 5), SAN_EWRITE);
	assert_int_equal(san_stream_end(scanner), SAN_EWRITE);
	assert_int_equal(san_stream_end(scanner), SAN_EINVAL);
	scanner_done(scanner, rules);
}

static void own_names_patterns_and_exceptions_count(void **state)
{
	static const char *const secret[] = {"member_no", NULL}, *const innocent[] = {"page_token",
										      NULL};
	/* What only looks like a network lets nothing stay. */
	static const char *const allow[] = {"info@example.com", "10.0.0.0/8", "1.0.0.0/",
					    "1.0.0.0/x",	"::/-1",      NULL};
	static const struct san_own own[] = {{"ticket", "TCK-", "TCK-[0-9]{4,8}", NULL}};
	const char in[] = "memberNo=7 page_token=q TCK-12345 info@example.com 10.1.2.3 192.0.2.1";
	struct san_options options;
	struct san_rules *rules;
	char out[256];
	size_t len;

	(void)state;
	san_options_init(&options);
	options.action[SAN_IP] = SAN_REDACT;
	options.secret = secret;
	options.innocent = innocent;
	options.allow = allow;
	options.own = own;
	options.n_own = 1;
	struct san_scanner *scanner = scanner_of(&options, &rules);
	assert_int_equal(
	    san_clean(scanner, SAN_TEXT, in, sizeof(in) - 1, out, sizeof(out) - 1, &len), 3);
	out[len] = 0;
	assert_string_equal(out,
			    "memberNo=[REDACTED] page_token=q [REDACTED_TICKET] info@example.com "
			    "10.1.2.3 [REDACTED_IP]");
	assert_int_equal(san_counts(scanner)[SAN_OWN], 1);
	san_counts_reset(scanner);
	assert_int_equal(san_counts(scanner)[SAN_OWN], 0);
	scanner_done(scanner, rules);
}

static void bad_options_are_refused_with_the_reason(void **state)
{
	static const struct san_own bad[] = {{"x", "A", "A", NULL},
					     {"x", "AB", "AB+", NULL},
					     {"x", "AB", "AB(", NULL},
					     {"X", "AB", "AB", NULL},
					     {"x", "AB", "AB{2,5000}", NULL},
					     /* Repeats that only seem to stand in a class. */
					     {"x", "AB", "AB\\Q[\\E*", NULL},
					     {"x", "AB", "AB(?#[)x*", NULL},
					     {"x", "AB", "AB(?x)#[\nx*", NULL},
					     {"x", "AB", "AB[[:alpha:][]x*", NULL},
					     {"x", "AB", "AB[[:]x*", NULL},
					     {"x", "AB", "AB", "[\"x\"]"}};
	const char *masks[SAN_CLASSES] = {NULL};
	struct san_options options;
	struct san_rules *rules = NULL;
	char why[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		san_options_init(&options);
		options.own = &bad[i];
		options.n_own = 1;
		why[0] = 0;
		assert_int_equal(san_rules_new(&rules, &options, why, sizeof(why)), SAN_ERULE);
		assert_true(strlen(why) > 0);
	}
	san_options_init(&options);
	options.action[SAN_EMAIL] = SAN_TRUNCATE;
	assert_int_equal(san_rules_new(&rules, &options, why, sizeof(why)), SAN_EINVAL);
	assert_non_null(strstr(why, "email"));
	masks[SAN_EMAIL] = "x\"y";
	options.action[SAN_EMAIL] = SAN_MASK;
	options.mask = masks;
	assert_int_equal(san_rules_new(&rules, &options, why, sizeof(why)), SAN_EINVAL);
	assert_non_null(strstr(why, "email: a mask must not hold"));
	san_options_init(&options);
	options.size = 1;
	assert_int_equal(san_rules_new(&rules, &options, NULL, 0), SAN_EINVAL);
}

/* A document is cut every 128 KiB or so: never between a name and its value, wherever that falls.
 */
static void a_long_document_is_not_cut_before_a_value(void **state)
{
	static const char *const pairs[] = {
	    "{\"password\": \"hunter2\", \"n\": 12}, ",
	    "{\"password\":\"hunter2\",\"n\":12},",
	    "{\"password\" : \"hunter2\" , \"n\" : 12 } , ",
	    "password = hunter2 ; n = 12 ; ",
	    "password=hunter2&n=12&",
	};
	enum { BYTES = 400000 };
	char *in = malloc(BYTES + 64), *out = malloc(2 * BYTES);
	struct san_rules *rules;
	struct san_options options;
	struct san_scanner *scanner;
	size_t len;

	(void)state;
	san_options_init(&options);
	scanner = scanner_of(&options, &rules);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		size_t n = strlen(pairs[i]);
		for (size_t pad = 0; pad < n; pad++) {
			size_t at = pad;

			memset(in, ' ', pad);
			for (; at + n <= BYTES; at += n)
				memcpy(in + at, pairs[i], n);
			assert_true(san_clean(scanner, i < 3 ? SAN_JSON : SAN_TEXT, in, at, out,
					      2 * BYTES, &len) > 0);
			if (memmem(out, len, "hunter2", 7))
				fail_msg("pair %zu, shifted by %zu", i, pad);
		}
	}
	scanner_done(scanner, rules);
	free(in);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_long_document_is_not_cut_before_a_value),
	    cmocka_unit_test(goldens_hold),
	    cmocka_unit_test(a_small_buffer_is_told_the_size),
	    cmocka_unit_test(short_input_needs_no_buffer),
	    cmocka_unit_test(spans_tell_place_class_and_rule),
	    cmocka_unit_test(streams_do_not_see_the_cuts),
	    cmocka_unit_test(a_refusing_writer_stops_the_stream),
	    cmocka_unit_test(own_names_patterns_and_exceptions_count),
	    cmocka_unit_test(bad_options_are_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
