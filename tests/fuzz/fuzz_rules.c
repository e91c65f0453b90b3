/*
 * fuzz_rules - lines of "path=value" as a rule file's reader feeds them.
 *
 * Whatever they say: a refusal comes with its reason, and what was taken makes rules
 * that clean.
 */
#include <string.h>

#include "fuzz.h"
#include "rules.h"

static void clean_with(const struct san_options *options)
{
	static const char text[] = "a@b.example token=q1 AB-1234 4111111111111111 10.1.2.3\n";
	struct san_rules *rules = NULL;
	struct san_scanner *scanner;
	char why[200] = "", out[65536 * 6];
	size_t len;
	int rc = san_rules_new(&rules, options, why, sizeof(why));

	MUST(rc == 0 || ((rc == SAN_ERULE || rc == SAN_EINVAL) && why[0] && !rules));
	if (rc)
		return;
	MUST(san_scanner_new(&scanner, rules) == 0);
	rc = san_clean(scanner, SAN_TEXT, text, sizeof(text) - 1, out, sizeof(out), &len);
	MUST(rc >= 0 || rc == SAN_ENOSPC);
	san_scanner_free(scanner);
	san_rules_free(rules);
}

/* One "path=value"; a line without "=" has an empty value. */
static void set(struct rules *rules, char *line)
{
	char why[200] = "", *equals = strchr(line, '=');
	int rc;

	if (equals)
		*equals = '\0';
	rc = rules_set(rules, line, equals ? equals + 1 : "", why, sizeof(why));
	MUST(rc == 0 || (rc == SAN_EINVAL && why[0] && memchr(why, 0, sizeof(why))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules *rules = rules_new();
	struct san_options options;
	char why[200] = "", *text = malloc(size + 1), *rest = text, *line;
	size_t n;
	int rc;

	MUST(rules && text);
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")))
		set(rules, line);
	rc = rules_options(rules, &options, why, sizeof(why));
	MUST(rc == 0 || (rc == SAN_EINVAL && why[0]));
	if (rc == 0) {
		/* Reading the key file is the caller's affair. */
		options.key = (const unsigned char *)"0123456789abcdef";
		clean_with(&options);
	}
	(void)rules_fields(rules, &n);
	rules_free(rules);
	free(text);
	return 0;
}
