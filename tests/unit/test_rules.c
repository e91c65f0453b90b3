/*
 * rules: the grammar of rule files, one event at a time.
 */
#include "unit.h"

#include <string.h>

#include "rules.h"

struct row {
	const char *path, *value;
	const char *why; /* a word of the refusal, or NULL */
};

static const struct row rows[] = {
    {"classes.email", "redact", NULL},
    {"classes.email", "mask:", NULL},
    {"classes.email", "mask:(a_b-c)*", NULL},
    {"classes.email", "mask:a b", "email: a mask must not hold"},
    {"classes.email", "mask:\"q\"", "must not hold"},
    {"classes.email", "mask:\\x", "must not hold"},
    {"classes.email", "mask:x,y", "must not hold"},
    {"classes.email", "mask:x\ny", "must not hold"},
    {"classes.card", "last4", NULL},
    {"classes.ip", "truncate", NULL},
    {"classes.ip", "truncate/0,128", NULL},
    {"classes.ip", "truncate/16", NULL},
    {"classes.ip", "truncate/33", "0..32"},
    {"classes.ip", "truncate/24,129", "0..128"},
    {"classes.ip", "truncate/24,48x", "two numbers"},
    {"classes.ip", "truncate/-1", "0..32"},
    {"classes.ip", "truncated", "two numbers"},
    {"classes.ip", "last4", "truncate"},
    {"classes.email", "truncate", "no such action"},
    {"classes.email", "last4", "no such action"},
    {"classes.email", "", "no such action"},
    {"classes.nothing", "redact", "'nothing'"},
    {"classes", "redact", "'classes'"},
    {"classes.", "redact", "'classes.'"},
    {"hex_min", "16", NULL},
    {"hex_min", "1024", NULL},
    {"hex_min", "15", "16 to 1024"},
    {"hex_min", "1025", "16 to 1024"},
    {"hex_min", "32 ", "16 to 1024"},
    {"hex_min", "99999999999999999999", "16 to 1024"},
    {"hex_min.more", "32", "'hex_min.more'"},
    {"secret_names", "badge", NULL},
    {"innocent_names", "session", NULL},
    {"allow", "10.0.0.0/8", NULL},
    {"allow", "10.0.0.0/33", "a number up to 32"},
    {"allow", "::/x", "a number up to 32"},
    {"allow", "a/x", NULL},
    {"own.x.anchor", "AB-", NULL},
    {"own.x.pattern", "AB-[0-9]{4}", NULL},
    {"own.x.placeholder", "[AB]", NULL},
    {"own.x.placeholder", "[A,B]", "own.x.placeholder: must not hold"},
    {"own.x.place", "[AB]", "NAME.anchor"},
    {"own.x", "AB", "NAME.anchor"},
    {"fields.user", "drop", NULL},
    {"fields.user.name", "hash", NULL},
    {"fields.user", "burn", "fields.user"},
    {"pseudonym_key_file", "/k", NULL},
    {"", "", "no key"},
    {"emails", "redact", "'emails'"},
};

static void test_every_row(void **state)
{
	struct rules *rules = rules_new();

	(void)state;
	assert_non_null(rules);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char why[200] = "";
		int rc = rules_set(rules, rows[i].path, rows[i].value, why, sizeof(why));
		if (!rows[i].why) {
			assert_int_equal(rc, 0);
			continue;
		}
		assert_int_equal(rc, SAN_EINVAL);
		if (!strstr(why, rows[i].why))
			fail_msg("%s=%s: '%s' lacks '%s'", rows[i].path, rows[i].value, why,
				 rows[i].why);
		/* Also where nobody wants to know why. */
		assert_int_equal(rules_set(rules, rows[i].path, rows[i].value, NULL, 0),
				 SAN_EINVAL);
	}
	rules_free(rules);
}

static void set(struct rules *rules, const char *path, const char *value)
{
	assert_int_equal(rules_set(rules, path, value, NULL, 0), 0);
}

static void test_options_hold_what_was_said(void **state)
{
	struct rules *rules = rules_new();
	struct san_options options;
	const struct field_rule *fields;
	size_t n;

	(void)state;
	assert_non_null(rules);
	assert_int_equal(rules_options(rules, &options, NULL, 0), 0);
	assert_int_equal(options.action[SAN_IP], SAN_TRUNCATE);
	assert_int_equal(options.action[SAN_EMAIL], SAN_REDACT);
	assert_int_equal(options.action[SAN_IBAN], SAN_KEEP);
	set(rules, "classes.email", "mask:first");
	set(rules, "classes.email", "mask:second");
	set(rules, "classes.ip", "truncate/8,16");
	set(rules, "classes.api_key", "drop");
	set(rules, "secret_names", "a");
	set(rules, "secret_names", "b");
	set(rules, "own.x.pattern", "AB[0-9]");
	set(rules, "own.y.anchor", "CD");
	set(rules, "own.x.anchor", "AB");
	set(rules, "own.y.pattern", "CD[0-9]");
	set(rules, "fields.user", "drop");
	set(rules, "fields.a.b", "keep");
	set(rules, "fields.user", "hash");
	set(rules, "pseudonym_key_file", "/one");
	set(rules, "pseudonym_key_file", "/two");
	assert_int_equal(rules_options(rules, &options, NULL, 0), 0);
	assert_int_equal(options.action[SAN_EMAIL], SAN_MASK);
	assert_string_equal(options.mask[SAN_EMAIL], "second");
	assert_int_equal(options.action[SAN_API_KEY], SAN_DROP);
	assert_int_equal(options.ip4_prefix, 8);
	assert_int_equal(options.ip6_prefix, 16);
	assert_string_equal(options.secret[0], "a");
	assert_string_equal(options.secret[1], "b");
	assert_null(options.secret[2]);
	assert_int_equal(options.n_own, 2);
	assert_string_equal(options.own[0].anchor, "AB");
	assert_string_equal(options.own[1].pattern, "CD[0-9]");
	assert_null(options.own[1].placeholder);
	fields = rules_fields(rules, &n);
	assert_int_equal(n, 2);
	assert_string_equal(fields[0].name, "user");
	assert_int_equal(fields[0].action, FIELD_HASH);
	assert_string_equal(fields[1].name, "a.b");
	assert_string_equal(rules_key_file(rules), "/two");
	rules_free(rules);
	rules_free(NULL);
}

static void test_own_pattern_needs_both_parts(void **state)
{
	struct rules *rules = rules_new();
	struct san_options options;
	char why[100];

	(void)state;
	assert_non_null(rules);
	set(rules, "own.abc.pattern", "AB");
	assert_int_equal(rules_options(rules, &options, why, sizeof(why)), SAN_EINVAL);
	assert_non_null(strstr(why, "own.abc: an anchor"));
	set(rules, "own.abc.anchor", "AB");
	set(rules, "own.ab.anchor", "AB");
	assert_int_equal(rules_options(rules, &options, why, sizeof(why)), SAN_EINVAL);
	assert_non_null(strstr(why, "own.ab: a pattern"));
	rules_free(rules);
}

static void test_values_are_bounded(void **state)
{
	static char big[70000];
	struct rules *rules = rules_new();

	(void)state;
	assert_non_null(rules);
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(rules_set(rules, "allow", big, NULL, 0), SAN_EINVAL);
	rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_row),
	    cmocka_unit_test(test_options_hold_what_was_said),
	    cmocka_unit_test(test_own_pattern_needs_both_parts),
	    cmocka_unit_test(test_values_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
