/*
 * Memory and the counters' file fail: each call in turn, from opening the gateway to an
 * event kept. Whatever fails, the answer says so, nothing leaks (ASan), and the next
 * process finds everything in order. The calls are intercepted by the linker (--wrap).
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

#include "gateway.h"
#include "log.h"
#include "place.h"
#include "wrapped_calls.h"

#define EVENT                                                                                      \
	"{\"type\":\"event\",\"payload\":{\"website\":\"" PLACE_WEBSITE                            \
	"\",\"url\":\"/a?mail=j@example.com\",\"data\":{\"a\":[1,\"x\"]}}}"

WRAPPED(void *, malloc, (size_t size), (size), NULL, ENOMEM)
WRAPPED(void *, calloc, (size_t n, size_t size), (n, size), NULL, ENOMEM)
WRAPPED(void *, realloc, (void *p, size_t size), (p, size), NULL, ENOMEM)
WRAPPED(int, ftruncate, (int fd, off_t size), (fd, size), -1, EIO)
WRAPPED(int, posix_fallocate, (int fd, off_t at, off_t len), (fd, at, len), ENOSPC, ENOSPC)
WRAPPED(ssize_t, pread, (int fd, void *to, size_t len, off_t at), (fd, to, len, at), -1, EIO)
WRAPPED(void *, mmap, (void *hint, size_t len, int prot, int flags, int fd, off_t at),
	(hint, len, prot, flags, fd, at), MAP_FAILED, ENOMEM)

/* Everything that a process does in its life; whether the event was kept. */
static bool live(const struct place *place)
{
	struct submission submission = {
	    .body = EVENT, .len = strlen(EVENT), .address = "203.0.113.7"};
	struct gateway_worker *worker;
	struct gateway *gateway;
	struct verdicts verdicts;
	struct reason why = {""};
	bool kept = false;

	if (gateway_open(&gateway, place->config, &why) != ST_OK)
		return false;
	if (gateway_worker_new(&worker, gateway) == ST_OK) {
		gateway_accept(worker, &submission, &verdicts);
		kept = verdicts.whole.fate == FATE_ACCEPTED;
		assert_true(kept || verdicts.whole.status != ST_OK);
		gateway_forget(worker);
		gateway_worker_free(worker);
	}
	gateway_close(gateway);
	return kept;
}

static uint64_t accepted(const struct place *place)
{
	struct counters *counters;
	uint64_t n;

	assert_int_equal(counters_open(&counters, place->config, NULL), ST_OK);
	n = counters_get(counters, METRIC_ACCEPTED);
	counters_close(counters);
	return n;
}

static void test_each_call_fails(void **state)
{
	struct place *place;
	unsigned all;

	(void)state;
	place = place_open(NULL);
	calls = failing = 0;
	assert_true(live(place)); /* makes the files: all calls there are */
	all = calls;
	assert_true(all > 20);
	place_close(place);
	for (unsigned i = 1; i <= all; i++) {
		uint64_t kept;

		place = place_open(NULL);
		calls = 0;
		failing = i;
		kept = live(place);
		failing = 0;
		kept += live(place);
		assert_true(kept >= 1);
		assert_int_equal(accepted(place), kept);
		place_close(place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_call_fails)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
