#include "unit.h"

#include <string.h>

#include "clickid.h"
#include "query.h"

static struct arena *arena;
static const char *const allowed[] = {"q", "utm_source"};
static const struct config_list list = {2, allowed};
static const struct query_rule whole = {QUERY_CLEANED, &list, true};
static const struct query_rule cleaned = {QUERY_CLEANED, &list, false};
static const struct query_rule allow = {QUERY_ALLOW, &list, false};
static const struct query_rule strip = {QUERY_STRIP, &list, false};

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "/?NAME=" + n times piece + rest. */
static struct text campaign(const char *name, const char *piece, size_t n, const char *rest)
{
	struct writer writer;

	writer_init(&writer, arena, 64);
	writer_lit(&writer, "/?");
	writer_add(&writer, name, strlen(name));
	writer_addc(&writer, '=');
	for (size_t i = 0; i < n; i++)
		writer_add(&writer, piece, strlen(piece));
	writer_add(&writer, rest, strlen(rest));
	return writer_text(&writer);
}

static void stays(struct text url)
{
	struct query_change change;
	struct text got = query_clean(arena, url, &whole, &change);

	assert_false(change.cut || change.click_ids || change.dropped);
	assert_ptr_equal(got.data, url.data);
	assert_int_equal(got.len, url.len);
	assert_memory_equal(got.data, url.data, url.len);
}

static void becomes(struct text url, struct text expected)
{
	struct query_change change;
	struct text got = query_clean(arena, url, &whole, &change);

	assert_true(change.cut);
	assert_int_equal(got.len, expected.len);
	assert_memory_equal(got.data, expected.data, expected.len);
}

static void campaigns_fit_umamis_columns(void **state)
{
	static const char *const names[] = {
	    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid",
	    "fbclid",	  "msclkid",	"ttclid",	"li_fat_id",   "twclid"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		arena_reset(arena);
		stays(campaign(names[i], "u", 255, "&q=1#x"));
		becomes(campaign(names[i], "u", 256, "&q=1#x"),
			campaign(names[i], "u", 255, "&q=1#x"));
	}
	stays(campaign("utm_id", "u", 300, ""));
	stays(campaign("xutm_source", "u", 300, ""));
	becomes(campaign("utm%5Fsource", "u", 300, ""), campaign("utm%5Fsource", "u", 255, ""));
	becomes(campaign("a=1&utm_source", "u", 300, "&gclid=x"),
		campaign("a=1&utm_source", "u", 255, "&gclid=x"));
	/* what decodes to one character counts as one */
	stays(campaign("utm_term", "%20", 255, ""));
	stays(campaign("utm_term", "%C3%A9", 255, ""));
	stays(campaign("utm_term", "%F0%9F%98%80", 255, ""));
	becomes(campaign("utm_term", "%C3%A9", 256, ""), campaign("utm_term", "%C3%A9", 255, ""));
	becomes(campaign("utm_term", "%80", 256, ""), campaign("utm_term", "%80", 255, ""));
	/* no placeholder is torn */
	becomes(campaign("utm_term", "u", 250, "[REDACTED_EMAIL]"),
		campaign("utm_term", "u", 250, ""));
}

/* what: "c" click ids went, "d" others did, "cd", or "". */
static void gives(const struct query_rule *rule, const char *url, const char *expected,
		  const char *what)
{
	struct query_change change;
	struct text got = query_clean(arena, (struct text){url, strlen(url)}, rule, &change);

	assert_int_equal(got.len, strlen(expected));
	assert_memory_equal(got.data, expected, got.len);
	assert_int_equal(change.click_ids, strchr(what, 'c') != NULL);
	assert_int_equal(change.dropped, strchr(what, 'd') != NULL);
}

static void click_ids_go(void **state)
{
	(void)state;
	gives(&cleaned, "/?gclid=1", "/", "c");
	gives(&cleaned, "/?a=1&fbclid=2&b=3#x", "/?a=1&b=3#x", "c");
	gives(&cleaned, "/?msclkid=1&ttclid=2&twclid=3&li_fat_id=4#x", "/#x", "c");
	gives(&cleaned, "https://x.example/?GCLID=1&q=%20", "https://x.example/?q=%20", "c");
	gives(&cleaned, "/?g%63lid=1&q", "/?q", "c");
	gives(&cleaned, "/?gclid", "/", "c");
	gives(&cleaned, "/#/route?gclid=1&q=2", "/#/route?q=2", "c");
	gives(&cleaned, "/?q=1#/route?gclid=1", "/?q=1#/route", "c");
	gives(&cleaned, "/?xgclid=1&gclidx=2&=&&", "/?xgclid=1&gclidx=2&=&&", "");
	gives(&cleaned, "/?", "/?", "");
	gives(&cleaned, "/gclid=1", "/gclid=1", "");
	gives(&whole, "/?gclid=1", "/?gclid=1", "");
}

static void click_ids_go_anywhere(void **state)
{
	static const char *const cases[][2] = {
	    {"/h#gclid=EAI8&x=1", "/h#x=1"},
	    {"/h#x=1&GCLID=EAI8", "/h#x=1"},
	    {"/h#fbclid=EAI8", "/h"},
	    {"/?u=https://x.y/?gclid=EAI4", "/?u=https://x.y/"},
	    {"/?u=https://x.y/?a=1;ttclid=EAI4#t", "/?u=https://x.y/?a=1#t"},
	    {"/?next=%2Fx%3Fgclid%3DEAI3", "/?next=%2Fx"},
	    {"/?next=%2Fx%3Fgclid%3DEAI3%26b%3D2&c=3", "/?next=%2Fx%3Fb%3D2&c=3"},
	    {"/?next=%252Fx%253Fmsclkid%253DEAI3", "/?next=%252Fx"},
	    {"/a;gclid=EAI/b;li_fat_id=2?q=1", "/a/b?q=1"},
	    {"see https://x.y/?twclid=EAI and more", "see https://x.y/ and more"},
	    {"/?xgclid=1#my_gclid=2", NULL},
	    {"/?u=%3Fxgclid%3D1", NULL},
	    {"/?id=1&pid%3D3=%", NULL},
	    {"/gclid", NULL},
	    {"gclid=%3", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *expected = cases[i][1] ? cases[i][1] : cases[i][0];
		bool found;
		struct text got =
		    clickid_strike(arena, (struct text){cases[i][0], strlen(cases[i][0])}, &found);

		assert_int_equal(found, cases[i][1] != NULL);
		assert_int_equal(got.len, strlen(expected));
		assert_memory_equal(got.data, expected, got.len);
	}
}

static void click_ids_leave_data(void **state)
{
	static const char data[] =
	    "{\"gclid\":\"EAI\",\"a\":[{\"FBCLID\":1,\"b\":\"/?gclid=EAI\"}],"
	    "\"id\":\"x\",\"c\":{\"d\":\"/\"}}";
	const struct json *object, *same, *inner;
	bool found;

	(void)state;
	assert_int_equal(json_read(&object, arena, data, sizeof(data) - 1), ST_OK);
	same = clickid_strike_data(arena, json_member(object, "c"), &found);
	assert_false(found);
	assert_ptr_equal(same, json_member(object, "c"));
	object = clickid_strike_data(arena, object, &found);
	assert_true(found);
	assert_int_equal(object->len, 3);
	assert_null(json_member(object, "gclid"));
	assert_true(json_is(json_member(object, "id"), "x"));
	inner = json_member(object, "a")->child;
	assert_int_equal(inner->len, 1);
	assert_true(json_is(json_member(inner, "b"), "/"));
}

static void queries_are_kept_by_rule(void **state)
{
	(void)state;
	gives(&allow, "/?q=1&x=2&utm_source=n&gclid=3#t", "/?q=1&utm_source=n#t", "cd");
	gives(&allow, "/?x=1", "/", "d");
	gives(&allow, "/?q=1", "/?q=1", "");
	gives(&strip, "/p?q=1&x=2#t", "/p#t", "d");
	gives(&strip, "/#/p?q=1", "/#/p", "d");
	gives(&strip, "/p", "/p", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(campaigns_fit_umamis_columns), cmocka_unit_test(click_ids_go),
	    cmocka_unit_test(click_ids_go_anywhere),	    cmocka_unit_test(click_ids_leave_data),
	    cmocka_unit_test(queries_are_kept_by_rule),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
