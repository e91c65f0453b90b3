#include "unit.h"

#include <string.h>

#include "address.h"

static void is_cut_to(const char *address, const char *expected)
{
	char out[ADDRESS_TEXT_MAX + 1] = "";
	struct net_address read;

	if (net_address_read(&read, address, strlen(address)))
		out[address_cut(out, &read)] = '\0';
	assert_string_equal(out, expected);
}

static void addresses_lose_their_host(void **state)
{
	(void)state;
	is_cut_to("203.0.113.77", "203.0.113.0");
	is_cut_to("255.255.255.255", "255.255.255.0");
	is_cut_to("0.0.0.0", "0.0.0.0");
	is_cut_to("127.0.0.1", "127.0.0.0");
	is_cut_to("2001:db8:1:2:3:4:5:6", "2001:db8:1::");
	is_cut_to("2001:DB8::1", "2001:db8::");
	is_cut_to("2001:0:ffff::1", "2001:0:ffff::");
	is_cut_to("::1", "::");
	is_cut_to("fe80::1%eth0", "fe80::");
	is_cut_to("::ffff:203.0.113.77", "203.0.113.0");
	is_cut_to("::ffff:cb00:714d", "203.0.113.0");
	is_cut_to("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff::");
}

static void ports_and_brackets_are_seen_through(void **state)
{
	(void)state;
	is_cut_to("203.0.113.77:4711", "203.0.113.0");
	is_cut_to("[2001:db8:1::9]:443", "2001:db8:1::");
	is_cut_to("[2001:db8:1::9]", "2001:db8:1::");
}

static void anything_else_is_none(void **state)
{
	static const char *const texts[] = {
	    "",		 "not-an-ip",
	    "1.2.3",	 "1.2.3.4.5",
	    "256.1.1.1", "[",
	    "[]",	 "1.2.3.4 ",
	    "unknown",	 "2001:db8:::1",
	    ":80",	 "1.2.3.4, 5.6.7.8",
	    "%",	 "0000000000000000000000000000000000000000000000000000000000001"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_cut_to(texts[i], "");
	assert_false(net_address_read(&(struct net_address){{0}, false}, "1.2.3.4\0", 8));
	assert_false(net_address_read(&(struct net_address){{0}, false}, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_lose_their_host),
	    cmocka_unit_test(ports_and_brackets_are_seen_through),
	    cmocka_unit_test(anything_else_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
