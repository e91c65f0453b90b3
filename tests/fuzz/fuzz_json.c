/*
 * fuzz_json - the sanitizer over one JSON document, valid or not.
 */
#include "fuzz.h"
#include "json_valid.h"
#include "san_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct san_check *check;

	if (!check)
		check = san_check_new(NULL);
	san_check_whole(check, SAN_JSON, data, size);
	/* Where strings end is anybody's guess in what is no JSON. */
	if (json_valid((const char *)data, size))
		san_check_twice(check, SAN_JSON, data, size);
	return 0;
}
