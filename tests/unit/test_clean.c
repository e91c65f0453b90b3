#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "clean_record.h"

#define SITE "9b379b11-cd77-4afa-995e-06e009cab81c"
#define JSON "{\"type\":\"event\",\"payload\":{}}"

static struct arena *arena;

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

static struct clean *made_for(const struct session *session)
{
	struct clean_head head = {.type = CLEAN_IDENTIFY,
				  .view = true,
				  .received_us = -5,
				  .visitor = 0xfedcba9876543210,
				  .redactions = {1, 0, 0xffff},
				  .repairs = {2, 255},
				  .source = SITE,
				  .session = session};
	struct writer writer;
	struct clean *clean = NULL;

	writer_init(&writer, arena, 8);
	if (writer_room(&writer, CLEAN_HEAD_BYTES))
		writer.len += CLEAN_HEAD_BYTES;
	writer_lit(&writer, JSON);
	assert_int_equal(clean_make(&clean, &writer, &head, TEXT("/a/{id}")), ST_OK);
	return clean;
}

static struct clean *made(void)
{
	return made_for(NULL);
}

static void is_what_was_made(const struct clean *clean)
{
	size_t len;

	assert_int_equal(clean_type(clean), CLEAN_IDENTIFY);
	assert_int_equal(clean_is_view(clean), 1);
	assert_true(clean_received_us(clean) == -5);
	assert_true(clean_visitor(clean) == 0xfedcba9876543210);
	assert_int_equal(clean_redactions(clean)[0], 1);
	assert_int_equal(clean_redactions(clean)[2], 0xffff);
	assert_int_equal(clean_repairs(clean)[1], 255);
	assert_string_equal(clean_source(clean), SITE);
	assert_string_equal(clean_json(clean, &len), JSON);
	assert_int_equal(len, sizeof(JSON) - 1);
	assert_string_equal(clean_route(clean), "/a/{id}");
}

static void a_record_reads_as_it_was_made(void **state)
{
	struct clean *clean = made(), *again;
	size_t len, again_len;
	const void *record = clean_record(clean, &len);

	(void)state;
	is_what_was_made(clean);
	assert_int_equal(clean_read(&again, arena, record, len), ST_OK);
	is_what_was_made(again);
	assert_ptr_equal(clean_record(again, &again_len), record);
	assert_int_equal(again_len, len);
}

/* The offsets of clean_record.h, byte by byte: another version must not pass as this. */
static void the_bytes_are_those_of_the_table(void **state)
{
	static const unsigned char head[] = {
	    't',  'c',	'e',  1,    1,	  1,	7,    0,    sizeof(JSON) - 1,
	    0,	  0,	0,    0,    0,	  0,	0,    0xfb, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10, 0x32, 0x54,
	    0x76, 0x98, 0xba, 0xdc, 0xfe, 1,	0,    0,    0,
	    0xff, 0xff};
	size_t len;
	const char *record = clean_record(made(), &len);

	(void)state;
	assert_memory_equal(record, head, sizeof(head));
	assert_int_equal(record[64], 2);
	assert_memory_equal(record + 80, SITE, 37);
	assert_memory_equal(record + 120, JSON "\0/a/{id}", sizeof(JSON) + 8);
	assert_int_equal(len, 122 + sizeof(JSON) - 1 + 7);
}

/* Only where Umami knows the session, and only what a header may hold. */
static void a_token_goes_along(void **state)
{
	struct session session = {.token = "a.b.c", .known = true};
	struct clean *clean = made_for(&session), *again;
	char record[1024];
	const void *bytes;
	size_t len, at;

	(void)state;
	assert_string_equal(clean_token(clean), "a.b.c");
	assert_ptr_equal(clean_session(clean), &session);
	bytes = clean_record(clean, &len);
	memcpy(record, bytes, len);
	assert_int_equal(len, 122 + sizeof(JSON) - 1 + 7 + 6);
	assert_int_equal(clean_read(&again, arena, record, len), ST_OK);
	assert_string_equal(clean_token(again), "a.b.c");
	assert_string_equal(clean_route(again), "/a/{id}");
	assert_null(clean_session(again));
	assert_int_equal(clean_read(&again, arena, record, len - 1), ST_CORRUPT);
	for (at = len - 6; at < len; at++) {
		char kept = record[at];

		record[at] = '\n';
		assert_int_equal(clean_read(&again, arena, record, len), ST_CORRUPT);
		record[at] = kept;
	}
	session.known = false;
	assert_string_equal(clean_token(made_for(&session)), "");
	assert_string_equal(clean_token(made()), "");
}

/* In memory of its own, so that reading past its end is seen. */
static enum status read_copy(const char *record, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct clean *clean;
	enum status status;

	assert_non_null(copy);
	memcpy(copy, record, len);
	status = clean_read(&clean, arena, copy, len);
	free(copy);
	return status;
}

static void damage_is_seen(void **state)
{
	static const size_t places[] = {0, 3, 4, 5, 6, 7, 8, 9, 11, 80, 88, 116, 120};
	size_t len;
	const char *record = clean_record(made(), &len);
	char *copy = malloc(len + 1);

	(void)state;
	assert_non_null(copy);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memcpy(copy, record, len);
		copy[places[i]] ^= 0x40;
		assert_int_equal(read_copy(copy, len), ST_CORRUPT);
	}
	memcpy(copy, record, len);
	copy[130] = '\0';
	assert_int_equal(read_copy(copy, len), ST_CORRUPT);
	for (size_t i = 120 + sizeof(JSON) - 2; i < len; i++) {
		memcpy(copy, record, len);
		copy[i] = (char)(copy[i] ? '\0' : 'x');
		assert_int_equal(read_copy(copy, len), ST_CORRUPT);
	}
	for (size_t i = 0; i < len; i++)
		assert_int_equal(read_copy(record, i), ST_CORRUPT);
	memcpy(copy, record, len);
	copy[len] = '\0';
	assert_int_equal(read_copy(copy, len + 1), ST_CORRUPT);
	free(copy);
}

static void every_byte_of_the_source_is_looked_at(void **state)
{
	static const char others[] = "gG`@/:-A\x7f\xff";
	char record[1024];
	struct clean *clean;
	size_t len;

	(void)state;
	assert_true(sizeof(record) >= (clean_record(made(), &len), len));
	memcpy(record, clean_record(made(), &len), len);
	for (size_t i = 0; i <= CLEAN_SOURCE_BYTES - 1; i++) {
		char *at = record + 80 + i, was = *at;

		for (size_t k = 0; k < sizeof(others) - 1; k++) {
			*at = others[k];
			assert_int_equal(clean_read(&clean, arena, record, len),
					 *at == was ? ST_OK : ST_CORRUPT);
		}
		*at = was == '-' ? '0' : was;
		assert_int_equal(clean_read(&clean, arena, record, len),
				 *at == was ? ST_OK : ST_CORRUPT);
		*at = was;
	}
}

static void memory_is_asked_for_politely(void **state)
{
	struct arena *small = arena_new(4096);
	char record[8192] = {0};
	struct clean *clean;
	size_t len, json = sizeof(record) - 122;

	(void)state;
	memcpy(record, clean_record(made(), &len), 120);
	record[6] = 0;
	record[8] = (char)(json & 255);
	record[9] = (char)(json >> 8);
	memset(record + 120, '{', json);
	record[120 + json - 1] = '}';
	assert_non_null(arena_alloc(small, 4000));
	assert_int_equal(clean_read(&clean, small, record, sizeof(record)), ST_NO_MEMORY);
	assert_int_equal(clean_read(&clean, arena, record, sizeof(record)), ST_OK);
	assert_string_equal(clean_route(clean), "");
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_reads_as_it_was_made),
	    cmocka_unit_test(the_bytes_are_those_of_the_table),
	    cmocka_unit_test(every_byte_of_the_source_is_looked_at),
	    cmocka_unit_test(a_token_goes_along),
	    cmocka_unit_test(damage_is_seen),
	    cmocka_unit_test(memory_is_asked_for_politely),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
