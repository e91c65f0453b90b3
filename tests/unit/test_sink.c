/*
 * test_sink - addresses as people write them, and what is too dangerous to start with.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "sink.h"

static void same_urls(const char *given, const char *base)
{
	struct config config = {.umami_api_url = given, .umami_api_key = "", .forward_ca_file = ""};
	struct sink *sink;
	char expected[200];

	assert_int_equal(sink_open(&sink, &config, NULL), ST_OK);
	(void)snprintf(expected, sizeof(expected), "%s/api/batch", base);
	assert_string_equal(sink_url(sink, SINK_BATCH), expected);
	(void)snprintf(expected, sizeof(expected), "%s/api/send", base);
	assert_string_equal(sink_url(sink, SINK_SEND), expected);
	sink_close(sink);
}

static void urls(void **state)
{
	(void)state;
	same_urls("https://cloud.umami.is", "https://cloud.umami.is");
	same_urls("https://cloud.umami.is/", "https://cloud.umami.is");
	same_urls("https://cloud.umami.is/api", "https://cloud.umami.is");
	same_urls("https://cloud.umami.is/api/", "https://cloud.umami.is");
	same_urls("https://cloud.umami.is/api/send", "https://cloud.umami.is");
	same_urls("http://127.0.0.1:3000//", "http://127.0.0.1:3000");
	same_urls("https://example.com/umami", "https://example.com/umami");
	same_urls("https://example.com/umami/api/batch/", "https://example.com/umami");
	same_urls("https://example.com/send", "https://example.com/send");
	same_urls("https://example.com/myapi", "https://example.com/myapi");
}

static enum status opened(const char *url, const char *key, struct reason *why)
{
	struct config config = {.umami_api_url = url, .umami_api_key = key, .forward_ca_file = ""};
	struct sink *sink = NULL;
	enum status status = sink_open(&sink, &config, why);

	sink_close(sink);
	return status;
}

static void refused_urls(void **state)
{
	static const char *const wrong[] = {"",
					    "umami.example.com",
					    "ftp://example.com",
					    "file:///etc/passwd",
					    "https://user:pass@example.com",
					    "https://user@example.com",
					    "https://example.com/?a=b",
					    "https://example.com/#x",
					    "https://",
					    "http://[::1",
					    "https://api.umami.is/v1"};
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why.text[0] = 0;
		assert_int_equal(opened(wrong[i], "", &why), ST_CONFIG);
		assert_non_null(strstr(why.text, "umami.api_url"));
	}
}

static void the_key_never_travels_in_the_clear(void **state)
{
	static const char *const safe[] = {"https://example.com", "http://localhost:3000",
					   "http://127.0.0.1", "http://127.9.9.9:1",
					   "http://[::1]:3000"};
	static const char *const unsafe[] = {"http://example.com",
					     "http://localhost.example.com",
					     "http://127.0.0.1.example.com",
					     "http://10.0.0.1",
					     "http://[::2]",
					     "http://0.0.0.0"};
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		assert_int_equal(opened(safe[i], "key", &why), ST_OK);
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		assert_int_equal(opened(unsafe[i], "key", &why), ST_CONFIG);
		assert_non_null(strstr(why.text, "umami.api_key"));
		assert_int_equal(opened(unsafe[i], "", &why), ST_OK);
	}
}

static void a_key_is_one_line(void **state)
{
	struct reason why;

	(void)state;
	assert_int_equal(opened("https://example.com", "key\nx-other: 1", &why), ST_CONFIG);
	assert_int_equal(opened("https://example.com", "key\r", &why), ST_CONFIG);
	assert_null(strstr(why.text, "key\r"));
}

static void easy_handles_are_dressed(void **state)
{
	struct config config = {.umami_api_url = "http://127.0.0.1:1",
				.umami_api_key = "key",
				.forward_ca_file = "/etc/hosts"};
	CURL *easy = curl_easy_init();
	struct sink *sink;

	(void)state;
	assert_non_null(easy);
	assert_int_equal(sink_open(&sink, &config, NULL), ST_OK);
	assert_int_equal(sink_dress(sink, easy), ST_OK);
	curl_easy_cleanup(easy);
	sink_close(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(urls),
	    cmocka_unit_test(refused_urls),
	    cmocka_unit_test(the_key_never_travels_in_the_clear),
	    cmocka_unit_test(a_key_is_one_line),
	    cmocka_unit_test(easy_handles_are_dressed),
	};

	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
