/*
 * logformat: GoAccess' notation, what it cuts and what it refuses.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "logformat.h"

struct row {
	const char *format, *line;
	const char *values; /* "name=value;" each, or NULL: not of this format */
};

static const struct row rows[] = {
    {"COMBINED",
     "192.0.2.7 - al b [10/Oct/2026:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x \\\"y\\\" "
     "z\"",
     "host=192.0.2.7;user=al b;date=10/Oct/2026;time=13:55:36;request=GET /a HTTP/1.1;status=200;"
     "bytes=5;referer=-;agent=x \\\"y\\\" z;"},
    {"COMMON", "h - - [d:t z] \"r\" 200 -",
     "host=h;user=-;date=d;time=t;request=r;status=200;bytes=-;"},
    {"VCOMMON", "v:80 h - - [d:t z] \"r\" 200 -",
     "vhost=v;host=h;user=-;date=d;time=t;request=r;status=200;bytes=-;"},
    {"COMMON", "nothing like it", NULL},
    {"%h %s", "h   200", "host=h;status=200;"},
    {"%h %~%s", "h    200", "host=h;status=200;"},
    {"%h~%s", "h~200", "host=h;status=200;"},
    {"%h\\t%s", "h\t200", "host=h;status=200;"},
    {"W3C", "2026-10-10 13:55:36 10.0.0.1 GET /a x=1 443 bob 192.0.2.7 M/5.0+(X) - 200 0 0 15",
     "date=2026-10-10;time=13:55:36;method=GET;url=/a;query=x=1;user=bob;host=192.0.2.7;"
     "agent=M/5.0+(X);referer=-;status=200;duration=15;"},
    {"SQUID",
     "1157689320.327   2864 192.0.2.7 TCP_MISS/200 10182 GET http://x.example/ bob "
     "DIRECT/203.0.113.7 text/html",
     "datetime=1157689320;duration=2864;host=192.0.2.7;status=200;bytes=10182;method=GET;"
     "url=http://x.example/;user=bob;mime=text/html;"},
    {"CLOUDFRONT",
     "2026-10-10\t13:55:36\tFRA2\t182\t192.0.2.7\tGET\td.example\t/a\t200\t-\tM\tq=1\t-\tHit",
     "date=2026-10-10;time=13:55:36;bytes=182;host=192.0.2.7;method=GET;vhost=d.example;url=/a;"
     "status=200;referer=-;agent=M;query=q=1;"},
    {"<%h>", "<a>", "host=a;"},
    {"<%h>", "a>", NULL},
    {"%h%%%s", "a%1", "host=a;status=1;"},
    {"%^ %U", "skipped /path here", "url=/path here;"},
    {"~h{,\" } %s", "192.0.2.1,192.0.2.2 200", "host=192.0.2.1,192.0.2.2;status=200;"},
    {"%e", "", "user=;"},
};

static void test_rows(void **state)
{
	struct log_value values[LOG_PARTS];
	struct log_format format;
	struct cause cause;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[500] = "";
		int n;
		assert_int_equal(log_format_make(&format, rows[i].format, &cause), 0);
		n = log_format_cut(&format, rows[i].line, strlen(rows[i].line), values);
		for (int k = 0; k < n; k++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%.*s;",
				 values[k].name, (int)values[k].len, values[k].start);
		if (rows[i].values)
			assert_string_equal(text, rows[i].values);
		else
			assert_int_equal(n, -1);
	}
}

static void test_wrong_notation(void **state)
{
	static const char *const wrong[] = {"",
					    "literal only",
					    "%Z",
					    "%h%s",
					    "%",
					    "~h{",
					    "%h%",
					    "a literal that is far too long %h",
					    "%h a literal that is too long %s"};
	struct log_format format;
	struct cause cause;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cause.text[0] = '\0';
		assert_int_equal(log_format_make(&format, wrong[i], &cause), -1);
		assert_non_null(strstr(cause.text, "--log-format"));
	}
}

static void test_too_many_fields(void **state)
{
	char text[LOG_PARTS * 3 + 4] = "";
	struct log_format format;
	struct cause cause;

	(void)state;
	for (int i = 0; i < LOG_PARTS + 1; i++)
		strcat(text, "%^ ");
	assert_int_equal(log_format_make(&format, text, &cause), -1);
	text[strlen(text) - 3] = '\0';
	assert_int_equal(log_format_make(&format, text, &cause), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_wrong_notation),
	    cmocka_unit_test(test_too_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
