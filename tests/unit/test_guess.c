/*
 * guess and jsoncheck: what an input's name and beginning say; what is JSON.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "jsoncheck.h"

static void test_names(void **state)
{
	static const char *const yes[] = {"a.csv", "dir/A.CSV", "a.tsv", "a.csv.gz", "a.tsv.zst"};
	static const char *const no[] = {"csv",	     ".csv", "a.csv.bak",      "a.csvx", "a.gz",
					 "a.csv.xz", "acsv", "standard input", "a.log",	 ""};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(guess_by_name(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(guess_by_name(no[i]));
}

static void test_beginnings(void **state)
{
	static const char *const json[] = {"{\n", "[\n", "  { \r\n\"a\":1}", "[\t\n",
					   "\xef\xbb\xbf{\n"};
	static const char *const others[] = {
	    "",		 "{",	  "\n{\n", "{}\n",  "{\"a\":1}\n", "[error] x\n",
	    "[1,\n2]\n", "x {\n", "{{\n",  "\0{\n", "a\n{\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(json) / sizeof(*json); i++)
		assert_int_equal(guess_format("x", json[i], strlen(json[i])), FORMAT_JSON);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(guess_format("x", others[i], strlen(others[i])), FORMAT_AUTO);
	assert_int_equal(guess_format("x.csv", "{\n", 2), FORMAT_CSV);
	assert_int_equal(guess_format("x.csv", "", 0), FORMAT_CSV);
}

static void test_json(void **state)
{
	static const char *const yes[] = {
	    "{}",
	    "[]",
	    "0",
	    "-1.5e+7",
	    "1E5",
	    "null",
	    "\"\"",
	    "[{}]",
	    "{} []",
	    "1 2",
	    "{\"a\":{}}",
	    " [ 1 , 2 ] ",
	    "\"\\u00e4\\n\\\"\"",
	    "true\n",
	    "\"\xff\"",
	    "[[],{}]",
	    "{\"a\":[1,{\"b\":null}],\"c\":false}",
	};
	static const char *const no[] = {
	    "",		  " ",	    "{",	   "[",		"]",	    "{]",
	    "[1,]",	  "{,}",    "{a:1}",	   "01x",	"1.",	    "1e",
	    "-",	  "+1",	    "tru",	   "[1 2]",	"{'a':1}",  "\"",
	    "\"\\x\"",	  "\"\n\"", "\"\\u12g4\"", "{\"a\"}",	"{\"a\":}", "text",
	    "{\"a\":1,}", "{}}",    "[1]x",	   "{\"a\" 1}", "\"\\",	    "{\"a\":1 \"b\":2}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(json_check(yes[i], strlen(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(json_check(no[i], strlen(no[i])));
	assert_false(json_check("{}\0", 3));
	assert_false(json_check("[\0]", 3));
	assert_false(json_check("\"\\\0\"", 4));
}

static void test_depth(void **state)
{
	char text[2004];

	(void)state;
	memset(text, '[', 1001);
	memset(text + 1001, ']', 1001);
	assert_true(json_check(text, 2002));
	memset(text, '[', 1002);
	memset(text + 1002, ']', 1002);
	assert_false(json_check(text, 2004));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_beginnings),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
