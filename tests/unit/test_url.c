#include "unit.h"

#include <string.h>

#include "url.h"

static struct text text(const char *string)
{
	return (struct text){string, strlen(string)};
}

/* Held against `new URL(x, "https://localhost")` of Node 20. */
static const char *const good_urls[] = {
    "",
    "/",
    "/a/b?c#d",
    "a",
    "?x",
    "#y",
    "..",
    "//host",
    "//host/x",
    "///host",
    "\\\\host",
    "https:",
    "https:/x",
    "https:x",
    "http:x",
    "http://a",
    "http:///a",
    "http:\\\\a",
    "http:a",
    "https://user:pw@host:443/",
    "https://host:",
    "https://host:0",
    "https://host:65535",
    "javascript:alert(1)",
    "mailto:a@b",
    "data:,",
    "foo:",
    "foo:/",
    "foo://",
    "foo:///x",
    "foo://host:80/",
    "foo://h%20x/",
    "file:",
    "file:///",
    "file://host/x",
    "file:///C:/x",
    "file:C:/x",
    "http://[::1]",
    "http://[::1]:80/",
    "http://[1:2:3:4:5:6:7:8]",
    "http://[::ffff:1.2.3.4]",
    "http://1.2.3.4",
    "http://1.2.3.4.",
    "http://0x7f.1",
    "http://1",
    "http://4294967295",
    "http://017.0.0.1",
    "http://1.2.3",
    "http://a.1b",
    "http://ex%61mple",
    "http://b\xc3\xbc"
    "cher.de",
    "http://xn--bcher-kva.de",
    "http://a_b",
    "http://-a-",
    "http://a..b",
    "ht\ntp://a",
    " http://a ",
    "/%E0%A4%A",
    "http://a/[",
    "http://a?[",
    "http://redacted-email/x",
    "/user/[REDACTED_EMAIL]/x",
    "http://[::]",
    "1:2",
    "http://a:8\t0/",
    "http://a@b@c",
    "http://x/%zz",
    "blob:http://[",
    "http://a\xe3\x80\x82"
    "b",
    "http://\xef\xbc\x91\xef\xbc\x92",
    "about:blank",
};

static void what_the_standard_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_urls) / sizeof(good_urls[0]); i++)
		if (!url_is_valid(text(good_urls[i])))
			fail_msg("refused: %s", good_urls[i]);
}

static const char *const bad_urls[] = {
    "http://[",
    "http://",
    "https://",
    "//",
    "http:",
    "https:///",
    "http://a:x",
    "http://a:65536",
    "http://:80",
    "http://a b",
    "http://a@",
    "http://user@",
    "//@/",
    "http://[1]",
    "http://[::1",
    "http://[::1]x",
    "http://[1:2:3:4:5:6:7]",
    "http://[1::2::3]",
    "http://[12345::]",
    "http://[::1.2.3]",
    "http://[::1.2.3.256]",
    "http://[::1.2.3.04]",
    "http://[:1]",
    "http://1.2.3.4.5",
    "http://256.1.1.1",
    "http://1.2.3.08",
    "http://4294967296",
    "http://0x100000000",
    "http://a.0x",
    "http://foo.09",
    "http://1..2",
    "http://a%00b",
    "http://a%20b",
    "http://a%2fb",
    "http://a<b",
    "http://a>b",
    "http://a|b",
    "http://a^b",
    "http://%",
    "http://a%",
    "http://a%zz",
    "http://xn--",
    "http://xn--a\xff",
    "http://xn--99999999",
    "http://\xef\xbf\xbd",
    "http://a\xe2\x80\xa8",
    "foo://a b/",
    "foo://a:99999/",
    "foo://:80",
    "foo://[x]/",
    "foo://a<b",
    "file://a b/",
    "file://%/",
    "ws://",
    "http://\xe2\x80\x8b",
    "http://\xc2\xad/",
    "http://a\xef\xbc\x85",
    "ftp://",
    "http://%ff",
    "http://[::1]:x",
};

static void what_the_standard_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++)
		if (url_is_valid(text(bad_urls[i])))
			fail_msg("taken: %s", bad_urls[i]);
}

static void hosts(void **state)
{
	static const char *const good[] = {"a",
					   "shop.example.com",
					   "localhost:3000",
					   "[::1]",
					   "[::1]:80",
					   "1.2.3.4",
					   "b\xc3\xbc"
					   "cher.de",
					   "redacted-uuid.example",
					   "a_b"};
	static const char *const bad[] = {"",	  "a b",       "a/b",	     "a?b", "a#b",  "u@a",
					  "a:b",  "a:99999",   "[REDACTED]", "[x]", "a%41", ":80",
					  "a\\b", "1.2.3.4.5", "a\tb",	     "a|b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!url_is_host(text(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (url_is_host(text(bad[i])))
			fail_msg("taken: %s", bad[i]);
}

static void part_is(struct text part, const char *expected)
{
	if (part.len != strlen(expected) || memcmp(part.data, expected, part.len) != 0)
		fail_msg("%.*s is not %s", (int)part.len, part.data, expected);
}

static void parts(void **state)
{
	(void)state;
	part_is(url_path(text("https://u:p@host:8/a/b?c#d")), "/a/b");
	part_is(url_path(text("https://host")), "");
	part_is(url_path(text("//host/x")), "/x");
	part_is(url_path(text("/a?b")), "/a");
	part_is(url_path(text("a/b#c?d")), "a/b");
	part_is(url_path(text("http://[")), "");
	part_is(url_host(text("https://u:p@host.example:8/a//b?c@d")), "host.example");
	part_is(url_host(text(" //host/x")), "host");
	part_is(url_host(text("http:\\\\host\\x@y")), "host");
	part_is(url_host(text("http:host?x")), "host");
	part_is(url_host(text("https://[::1]:80/")), "[::1]");
	assert_null(url_host(text("/a//b.example/")).data);
	assert_null(url_host(text("https:/a")).data);
	assert_null(url_host(text("mailto:a@b.example")).data);
	assert_null(url_host(text("")).data);
}

static void every_length_is_bounded(void **state)
{
	static char long_host[4096];

	(void)state;
	memset(long_host, 'a', sizeof(long_host));
	memcpy(long_host, "http://", 7);
	assert_false(url_is_valid((struct text){long_host, sizeof(long_host)}));
	assert_true(url_is_valid((struct text){long_host, 200}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_standard_takes),
	    cmocka_unit_test(what_the_standard_refuses),
	    cmocka_unit_test(hosts),
	    cmocka_unit_test(parts),
	    cmocka_unit_test(every_length_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
