/*
 * The client's address behind proxies: only what trusted ones say, from the end.
 */
#include "unit.h"

#include <string.h>

#include "client.h"

static const char *const trusted[] = {"10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.1"};
static struct nets proxies;

static void is_from(const struct request *request, const char *expected)
{
	char out[NET_TEXT_MAX];

	assert_string_equal(client_address(out, &proxies, request), expected);
}

#define FROM(expected, ...) is_from(&(struct request){__VA_ARGS__}, expected)

static void strangers_are_not_believed(void **state)
{
	char out[NET_TEXT_MAX];

	(void)state;
	FROM("203.0.113.7", .address = "203.0.113.7", .forwarded_for = "198.51.100.1");
	FROM("192.0.2.2", .address = "192.0.2.2", .real_ip = "198.51.100.1");
	FROM("11.0.0.1", .address = "11.0.0.1", .cf_ip = "198.51.100.1");
	FROM("local", .address = "local", .forwarded_for = "198.51.100.1");
	assert_null(client_address(out, &proxies, &(struct request){.real_ip = "198.51.100.1"}));
}

static void the_last_stranger_in_the_chain_counts(void **state)
{
	(void)state;
	FROM("198.51.100.1", .address = "10.1.2.3", .forwarded_for = "198.51.100.1");
	FROM("198.51.100.1", .address = "10.1.2.3",
	     .forwarded_for = "1.1.1.1, 198.51.100.1, 10.9.9.9,192.0.2.1");
	FROM("10.9.9.9", .address = "10.1.2.3", .forwarded_for = "10.9.9.9, 10.8.8.8");
	FROM("2001:db8:1::5", .address = "2001:db8:ffff::1",
	     .forwarded_for = "[2001:db8:1::5]:443");
	FROM("198.51.100.1", .address = "::ffff:10.0.0.1", .forwarded_for = "198.51.100.1:4711");
	/* what cannot be read ends the chain */
	FROM("10.9.9.9", .address = "10.1.2.3", .forwarded_for = "198.51.100.1, unknown, 10.9.9.9");
	FROM("10.1.2.3", .address = "10.1.2.3", .forwarded_for = "unknown");
	FROM("10.1.2.3", .address = "10.1.2.3", .forwarded_for = "");
}

static void other_headers_are_read_too(void **state)
{
	(void)state;
	FROM("10.1.2.3", .address = "10.1.2.3");
	FROM("198.51.100.1", .address = "10.1.2.3", .real_ip = "198.51.100.1");
	FROM("198.51.100.1", .address = "10.1.2.3", .cf_ip = "198.51.100.1");
	FROM("198.51.100.1", .address = "10.1.2.3",
	     .forwarded = "for=1.1.1.1;proto=http, proto=https; For=198.51.100.1, for=10.1.1.1");
	FROM("2001:db8:cafe::17", .address = "10.1.2.3",
	     .forwarded = "for=\"[2001:db8:cafe::17]:4711\"");
	FROM("10.1.2.3", .address = "10.1.2.3", .forwarded = "for=_hidden");
	FROM("198.51.100.1", .address = "10.1.2.3", .forwarded_for = "198.51.100.1",
	     .forwarded = "for=1.1.1.1", .real_ip = "2.2.2.2");
}

static void networks_are_checked(void **state)
{
	static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/",  "10.0.0.0/-1", "x", "",
					  "::/129",	 "10.0.0.0/8x"};
	struct reason why = {0};
	struct nets nets;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config_list list = {1, &bad[i]};

		assert_int_equal(nets_read(&nets, &list, "some.key", &why), ST_CONFIG);
		assert_non_null(strstr(why.text, "some.key: entry 1"));
	}
}

static int setup(void **state)
{
	struct config_list list = {sizeof(trusted) / sizeof(trusted[0]), trusted};

	(void)state;
	return nets_read(&proxies, &list, "http.trusted_proxies", NULL) == ST_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	nets_free(&proxies);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strangers_are_not_believed),
	    cmocka_unit_test(the_last_stranger_in_the_chain_counts),
	    cmocka_unit_test(other_headers_are_read_too),
	    cmocka_unit_test(networks_are_checked),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
