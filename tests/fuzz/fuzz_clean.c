/*
 * fuzz_clean - a record with patches, as a damaged spool may hold it: it is refused, or
 * every accessor stays inside it.
 *
 * Input: three bytes a patch (two of place, one of value); a byte left over cuts the
 * record to so many bytes.
 */
#include <string.h>

#include "clean.h"
#include "fuzz.h"

#define JSON                                                                                       \
	"{\"type\":\"event\",\"payload\":{\"website\":\"9b379b11-cd77-4afa-995e-06e009cab81c\"}}"
#define ROUTE "/orders/{id}"

static size_t valid_record(uint8_t *out)
{
	memset(out, 0, 120);
	memcpy(out, "tce\x01", 4);
	out[6] = sizeof(ROUTE) - 1;
	out[8] = sizeof(JSON) - 1;
	memcpy(out + 80, "9b379b11-cd77-4afa-995e-06e009cab81c", 36);
	memcpy(out + 120, JSON, sizeof(JSON));
	memcpy(out + 120 + sizeof(JSON), ROUTE, sizeof(ROUTE));
	return 120 + sizeof(JSON) + sizeof(ROUTE);
}

static void use(const struct clean *clean, size_t len)
{
	size_t json_len, record_len;
	const char *json = clean_json(clean, &json_len);
	const char *record = clean_record(clean, &record_len);

	MUST(record_len == len);
	MUST(json >= record && json + json_len < record + record_len && json[json_len] == '\0');
	MUST(clean_route(clean) + strlen(clean_route(clean)) + 1 == record + record_len);
	MUST(strlen(clean_source(clean)) == 36);
	MUST(clean_type(clean) < CLEAN_TYPES);
	MUST(clean_is_view(clean) == 0 || clean_is_view(clean) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	uint8_t record[512], *copy;
	struct clean *clean;
	size_t len = valid_record(record);

	if (!arena)
		arena = arena_new(1u << 20);
	MUST(arena);
	for (; size >= 3; data += 3, size -= 3)
		record[((size_t)data[0] << 8 | data[1]) % len] = data[2];
	if (size > 0 && data[0] < len)
		len = data[0];
	copy = malloc(len ? len : 1);
	MUST(copy);
	memcpy(copy, record, len);
	arena_reset(arena);
	if (clean_read(&clean, arena, copy, len) == ST_OK)
		use(clean, len);
	free(copy);
	return 0;
}
