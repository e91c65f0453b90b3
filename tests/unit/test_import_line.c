/*
 * Golden tests of tests/data/import_line.test: "assets" or "-" / a line of a log / the
 * verdict, then the fields in brackets, or "malformed".
 */
#include "unit.h"

#include <inttypes.h>
#include <string.h>

#include "golden.h"
#include "import_line.h"
#include "import_rule.h"

static bool check_group(const struct golden *group, struct buf *got)
{
	static const char *const verdicts[] = {"view", "method", "status", "asset"};
	struct import_line line;

	if (!import_line_parse(&line, group->input, strlen(group->input))) {
		buf_adds(got, "malformed");
		return strcmp(got->data, group->expected) == 0;
	}
	buf_adds(got, verdicts[import_rule(&line, strcmp(group->setting, "assets") == 0)]);
	buf_addf(got, " [%s] [%s] %" PRId64 " [%s] %d [%s] [%s] [%s]%s", line.address,
		 line.host ? line.host : "-", line.time_s, line.method, line.status, line.url,
		 line.referrer ? line.referrer : "-", line.agent ? line.agent : "-",
		 line.combined ? "" : " common");
	return strcmp(got->data, group->expected) == 0;
}

static void goldens_hold(void **state)
{
	(void)state;
	assert_true(golden_run("import_line.test", check_group) > 30);
}

static void a_line_with_nul_is_malformed(void **state)
{
	char text[] = "192.0.2.1 - - [29/Feb/2024:23:59:59 +0000] \"GET /\0x HTTP/1.1\" 200 1";
	struct import_line line;

	(void)state;
	assert_false(import_line_parse(&line, text, sizeof(text) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goldens_hold),
	    cmocka_unit_test(a_line_with_nul_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
