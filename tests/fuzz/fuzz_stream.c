/*
 * fuzz_stream - any mode and any cuts, also past the length at which records are cut.
 *
 * The first byte chooses the mode and how often the rest is repeated, the next two the
 * cuts.
 */
#include <string.h>

#include "fuzz.h"
#include "san_check.h"

#define REPEATED_MAX (300 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum san_mode modes[] = {SAN_TEXT, SAN_URL, SAN_JSON};
	static struct san_check *check;
	static uint8_t repeated[REPEATED_MAX];
	size_t len = 0, times;

	if (size < 4)
		return 0;
	if (!check)
		check = san_check_new(NULL);
	/* Rarely long: each of those takes a hundred times as long. */
	times = data[0] == 0xff ? REPEATED_MAX : data[0] >> 4 & 3;
	for (size_t i = 0; i <= times && len + size - 3 <= REPEATED_MAX; i++) {
		memcpy(repeated + len, data + 3, size - 3);
		len += size - 3;
	}
	san_check_stream(check, modes[data[0] % 3], repeated, len,
			 (uint64_t)data[1] << 8 | data[2] | 1);
	if (data[0] % 3 != SAN_JSON)
		san_check_twice(check, modes[data[0] % 3], repeated, len);
	return 0;
}
