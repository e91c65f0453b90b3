#include "unit.h"

#include <string.h>

#include "crc32c.h"
#include "crc32c_impl.h"

/* RFC 3720, appendix B.4. */
static void known_answers(void **state)
{
	unsigned char bytes[32];

	(void)state;
	memset(bytes, 0, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = i;
	assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(31 - i);
	assert_int_equal(crc32c(0, bytes, 32), 0x113fdb5c);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void pieces_give_the_same_as_the_whole(void **state)
{
	unsigned char bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 197 + 11);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++)
		assert_int_equal(crc32c(crc32c(0, bytes, cut), bytes + cut, sizeof(bytes) - cut),
				 crc32c(0, bytes, sizeof(bytes)));
}

static void the_picked_one_equals_the_table(void **state)
{
	unsigned char bytes[4000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * i + i / 251 + 3);
	for (size_t at = 0; at < 9; at++)
		for (size_t len = 0; len < sizeof(bytes) - at; len += len < 1700 ? 1 : 37)
			assert_int_equal(crc32c_pick()(~0u, bytes + at, len),
					 crc32c_table(~0u, bytes + at, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers),
	    cmocka_unit_test(pieces_give_the_same_as_the_whole),
	    cmocka_unit_test(the_picked_one_equals_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
