/*
 * fuzz_text - the sanitizer over text: lines, prose, headers, what logs hold.
 */
#include "fuzz.h"
#include "san_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct san_check *check;

	if (!check)
		check = san_check_new(NULL);
	san_check_whole(check, SAN_TEXT, data, size);
	san_check_twice(check, SAN_TEXT, data, size);
	return 0;
}
