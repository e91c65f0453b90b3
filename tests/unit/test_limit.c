/*
 * The rate limit: who is one client, what passes, what a table of one size does when it is
 * crowded, many threads and processes at once, and what lies on tmpfs afterwards.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "limit.h"
#include "place.h"

/* One event an hour: nothing comes back while a test runs. */
static struct config slow(uint64_t burst)
{
	return (struct config){.limit_requests_per_minute = 1, .limit_burst = burst};
}

static struct limit *open_limit(const struct place *place, const struct config *config)
{
	struct reason why = {""};
	struct limit *limit;

	if (limit_open(&limit, place->keys, config, &why) != ST_OK)
		fail_msg("%s", why.text);
	return limit;
}

static unsigned passed(struct limit *limit, const char *address, unsigned times)
{
	unsigned wait_s, n = 0;

	for (unsigned i = 0; i < times; i++)
		n += limit_take(limit, address, 1, 0, &wait_s) == LIMIT_PASS;
	return n;
}

static void test_clients(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = slow(3);
	struct limit *limit = open_limit(place, &config);
	unsigned wait_s;

	(void)state;
	assert_int_equal(passed(limit, "192.0.2.1", 9), 3);
	assert_int_equal(passed(limit, "192.0.2.2", 9), 3);
	assert_int_equal(passed(limit, "::ffff:192.0.2.1", 9), 0); /* the first, by IPv6 */
	assert_int_equal(passed(limit, "2001:db8:1:2::1", 2), 2);
	assert_int_equal(passed(limit, "2001:db8:1:2:ffff::9", 9), 1); /* the same /64 */
	assert_int_equal(passed(limit, "2001:db8:1:3::1", 9), 3);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(limit_take(limit, "127.0.0.1", 1, 0, &wait_s), LIMIT_UNKNOWN);
		assert_int_equal(limit_take(limit, "::1", 1, 0, &wait_s), LIMIT_UNKNOWN);
		assert_int_equal(limit_take(limit, "nobody", 1, 0, &wait_s), LIMIT_UNKNOWN);
		assert_int_equal(limit_take(limit, NULL, 1, 0, &wait_s), LIMIT_UNKNOWN);
		assert_int_equal(limit_take(NULL, "192.0.2.1", 1, 0, &wait_s), LIMIT_UNKNOWN);
	}
	limit_close(limit);
	place_close(place);
}

static void test_batches(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = {.limit_requests_per_minute = 60, .limit_burst = 100};
	struct limit *limit = open_limit(place, &config);
	unsigned wait_s = 0;

	(void)state;
	assert_int_equal(limit_take(limit, "192.0.2.1", 60, 0, &wait_s), LIMIT_PASS);
	assert_int_equal(limit_take(limit, "192.0.2.1", 60, 0, &wait_s), LIMIT_REFUSE);
	assert_in_range(wait_s, 18, 21);
	assert_int_equal(limit_take(limit, "192.0.2.1", 30, 0, &wait_s), LIMIT_PASS);
	assert_int_equal(limit_take(limit, "192.0.2.2", 1000, 0, &wait_s), LIMIT_PASS); /* rested */
	assert_int_equal(limit_take(limit, "192.0.2.2", 1, 0, &wait_s), LIMIT_REFUSE);
	assert_in_range(wait_s, 898, 902);
	limit_close(limit);
	place_close(place);
}

/* One is taken before the batch is read, the rest when its length is known. */
static enum limit_answer take_batch(struct limit *limit, size_t n, unsigned *wait_s)
{
	enum limit_answer answer = limit_take(limit, "192.0.2.1", 1, 0, wait_s);

	return answer == LIMIT_PASS ? limit_take(limit, "192.0.2.1", n - 1, 1, wait_s) : answer;
}

static void test_longer_than_the_burst(void **state)
{
	static const size_t lengths[] = {4, 6, 9, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct place *place = place_open(NULL);
		struct config config = {.limit_requests_per_minute = 60, .limit_burst = 3};
		struct limit *limit = open_limit(place, &config);
		unsigned wait_s = 0, first = (unsigned)lengths[i];

		assert_int_equal(take_batch(limit, lengths[i], &wait_s), LIMIT_PASS);
		assert_int_equal(take_batch(limit, lengths[i], &wait_s), LIMIT_REFUSE);
		assert_in_range(wait_s, first - 3, first + 1);
		limit_close(limit);
		place_close(place);
	}
}

/* Who waits as long as he is told passes. */
static void test_waiting_is_enough(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = {.limit_requests_per_minute = 300, .limit_burst = 3};
	struct limit *limit = open_limit(place, &config);
	unsigned wait_s = 0;

	(void)state;
	assert_int_equal(limit_take(limit, "192.0.2.1", 2, 0, &wait_s), LIMIT_PASS);
	assert_int_equal(take_batch(limit, 9, &wait_s), LIMIT_REFUSE);
	assert_in_range(wait_s, 1, 2);
	sleep(wait_s);
	assert_int_equal(take_batch(limit, 9, &wait_s), LIMIT_PASS);
	limit_close(limit);
	place_close(place);
}

static void test_allowance_comes_back(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = {.limit_requests_per_minute = 60000, .limit_burst = 1};
	struct limit *limit = open_limit(place, &config);
	unsigned wait_s, n = 0;

	(void)state;
	while (n < 20) /* one a millisecond: it ends */
		n += limit_take(limit, "192.0.2.1", 1, 0, &wait_s) == LIMIT_PASS;
	limit_close(limit);
	place_close(place);
}

static void *take_a_thousand(void *argument)
{
	return (void *)(uintptr_t)passed(argument, "192.0.2.1", 1000);
}

/* Four processes with four threads each share one allowance to the unit. */
static void test_shared(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = slow(900);
	struct limit *limit = open_limit(place, &config);
	unsigned total = passed(limit, "192.0.2.1", 1), part; /* so that there is one slot */
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 4; i++) {
		pthread_t threads[4];
		void *got;

		if (fork() != 0)
			continue;
		limit = open_limit(place, &config);
		part = 0;
		for (int k = 0; k < 4; k++)
			pthread_create(&threads[k], NULL, take_a_thousand, limit);
		for (int k = 0; k < 4; k++) {
			pthread_join(threads[k], &got);
			part += (unsigned)(uintptr_t)got;
		}
		_exit(write(ends[1], &part, sizeof part) == sizeof part ? 0 : 1);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(read(ends[0], &part, sizeof part), sizeof part);
		total += part;
	}
	while (wait(NULL) > 0)
		;
	assert_int_equal(total, 900);
	limit_close(limit);
	place_close(place);
}

/* More clients than slots: all pass, the table does not grow, and the busiest stays known. */
static void test_crowded(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = slow(1000);
	struct limit *limit = open_limit(place, &config);
	char path[128], address[INET_ADDRSTRLEN];
	struct stat before, after;
	unsigned wait_s;

	(void)state;
	snprintf(path, sizeof path, "%s/limit", place->keys);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(limit_take(limit, "203.0.113.9", 1000, 0, &wait_s), LIMIT_PASS);
	for (uint32_t i = 0; i < 300000; i++) {
		struct in_addr in = {htonl(0x0a000000 + i)};

		inet_ntop(AF_INET, &in, address, sizeof address);
		assert_int_equal(limit_take(limit, address, 1, 0, &wait_s), LIMIT_PASS);
	}
	assert_int_equal(limit_take(limit, "203.0.113.9", 1, 0, &wait_s), LIMIT_REFUSE);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_blocks, after.st_blocks);
	limit_close(limit);
	place_close(place);
}

static void test_file(void **state)
{
	struct place *place = place_open(NULL);
	struct config config = slow(1);
	struct limit *limit = open_limit(place, &config);
	struct reason why = {""};
	struct stat about;
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/limit", place->keys);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(passed(limit, "192.0.2.1", 2), 1);
	limit_close(limit);
	limit = open_limit(place, &config); /* another process finds what is there */
	assert_int_equal(passed(limit, "192.0.2.1", 2), 0);
	limit_close(limit);
	assert_int_equal(truncate(path, 100), 0); /* no table: made anew */
	limit = open_limit(place, &config);
	assert_int_equal(passed(limit, "192.0.2.1", 2), 1);
	limit_close(limit);
	assert_int_equal(chmod(path, 0666), 0); /* others could have written it */
	assert_int_equal(limit_open(&limit, place->keys, &config, &why), ST_DENIED);
	assert_null(limit);
	assert_int_equal(chmod(place->keys, 0770), 0);
	assert_int_equal(unlink(path), 0);
	limit_close(open_limit(place, &config));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0660);
	config.limit_requests_per_minute = 0;
	snprintf(path, sizeof path, "%s/no/where", place->dir);
	assert_int_equal(limit_open(&limit, path, &config, &why), ST_OK);
	assert_null(limit);
	config.limit_requests_per_minute = 1;
	assert_int_equal(limit_open(&limit, path, &config, &why), ST_IO);
	place_close(place);
}

/* A key whose hour is over, or that a foreign clock made, goes with all that is under it. */
static void test_key_is_renewed(void **state)
{
	static const uint64_t ends[] = {1, UINT64_MAX};
	struct place *place = place_open(NULL);
	struct config config = slow(1);
	struct limit *limit = open_limit(place, &config);
	unsigned char before[16], after[16];
	char path[128];
	FILE *file;

	(void)state;
	snprintf(path, sizeof path, "%s/limit", place->keys);
	file = fopen(path, "r+");
	assert_non_null(file);
	setvbuf(file, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		assert_int_equal(passed(limit, "192.0.2.1", 2), 1);
		fseek(file, 16, SEEK_SET);
		assert_int_equal(fread(before, 1, 16, file), 16);
		fseek(file, 8, SEEK_SET);
		assert_int_equal(fwrite(&ends[i], 8, 1, file), 1);
		assert_int_equal(passed(limit, "192.0.2.9", 2), 1);
		fseek(file, 16, SEEK_SET);
		assert_int_equal(fread(after, 1, 16, file), 16);
		assert_memory_not_equal(before, after, 16);
	}
	assert_int_equal(passed(limit, "192.0.2.1", 2), 1);
	fclose(file);
	limit_close(limit);
	place_close(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clients),
	    cmocka_unit_test(test_batches),
	    cmocka_unit_test(test_longer_than_the_burst),
	    cmocka_unit_test(test_waiting_is_enough),
	    cmocka_unit_test(test_shared),
	    cmocka_unit_test(test_allowance_comes_back),
	    cmocka_unit_test(test_crowded),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_key_is_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
