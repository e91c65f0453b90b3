#include "unit.h"

#include <string.h>

#include "template.h"

static void is_route(const char *url, const char *expected)
{
	char out[TEMPLATE_MAX + 1];

	out[template_make(out, (struct text){url, strlen(url)})] = '\0';
	assert_string_equal(out, expected);
}

static void paths_keep_their_names(void **state)
{
	static const char *const paths[] = {
	    "/",
	    "/pricing",
	    "/blog/how-to-2024",
	    "/docs/v2/install.html",
	    "/a_b/c.d",
	    "/en-GB/about",
	    "/product/iphone-15-pro",
	    "/%C3%A9t%C3%A9",
	    "/wp-content/themes/x",
	    "/api/v1/users",
	    "/mp3/top40",
	    "/covid-19",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		is_route(paths[i], paths[i]);
}

static void what_is_around_the_path_goes(void **state)
{
	(void)state;
	is_route("https://shop.example.com/pricing?utm_source=news&q=1#top", "/pricing");
	is_route("https://shop.example.com", "/");
	is_route("/a/b/", "/a/b");
	is_route("//host//a///b", "/a/b");
	is_route("a/b", "/a/b");
	is_route("?x=/y", "/");
	is_route("", "");
}

static void ids_are_folded(void **state)
{
	(void)state;
	is_route("/orders/4711", "/orders/{id}");
	is_route("/orders/4711/items/2", "/orders/{id}/items/{id}");
	is_route("/orders/4711.pdf", "/orders/{id}.pdf");
	is_route("/u/9b379b11-cd77-4afa-995e-06e009cab81c", "/u/{id}");
	is_route("/c/5f3a9bc2d1", "/c/{id}");
	is_route("/s/dQw4w9WgXcQ", "/s/{id}");
	is_route("/post/invoice-2023104711", "/post/{id}");
	is_route("/t/eyJhbGciOiJIUzI1NiIsInR5cCI6", "/t/{id}");
	is_route("/x/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "/x/{id}");
}

static void placeholders_become_their_class(void **state)
{
	(void)state;
	is_route("/user/[REDACTED_EMAIL]/reset?token=[REDACTED]", "/user/{email}/reset");
	is_route("/u/[REDACTED_UUID]", "/u/{uuid}");
	is_route("/k/[REDACTED]", "/k/{redacted}");
	is_route("/c/[REDACTED_CARD_1234]", "/c/{card}");
	is_route("/p/x-[REDACTED_PHONE]-y", "/p/x-{phone}-y");
	is_route("/p/[EMAIL:abcdefghijklm]", "/p/{email}");
	is_route("/p/[12345678]", "/p/{id}");
	is_route("/p/[", "/p/[");
}

static void routes_are_short(void **state)
{
	char url[4096], out[TEMPLATE_MAX];
	size_t n = 0;

	(void)state;
	is_route("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/\xe2\x80\xa6");
	for (size_t i = 0; i + 10 < sizeof(url); i += 10)
		n += (size_t)(memcpy(url + i, "/abcdefgh-", 10) ? 10 : 0);
	assert_true(template_make(out, (struct text){url, n}) <= TEMPLATE_MAX);
	memset(url, '[', sizeof(url));
	assert_true(template_make(out, (struct text){url, sizeof(url)}) <= TEMPLATE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_keep_their_names),
	    cmocka_unit_test(what_is_around_the_path_goes),
	    cmocka_unit_test(ids_are_folded),
	    cmocka_unit_test(placeholders_become_their_class),
	    cmocka_unit_test(routes_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
