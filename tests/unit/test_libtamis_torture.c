/*
 * Memory, threads and files fail: each call in turn, from tamis_start() to tamis_stop(). Each
 * function then says so or does its work; nothing leaks (ASan), and the next one is well.
 */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

#include "libtamis.h"
#include "place.h"
#include "wrapped_calls.h"

WRAPPED(void *, malloc, (size_t size), (size), NULL, ENOMEM)
WRAPPED(void *, calloc, (size_t n, size_t size), (n, size), NULL, ENOMEM)
WRAPPED(void *, realloc, (void *p, size_t size), (p, size), NULL, ENOMEM)
WRAPPED(void *, mmap, (void *hint, size_t len, int prot, int flags, int fd, off_t at),
	(hint, len, prot, flags, fd, at), MAP_FAILED, ENOMEM)
WRAPPED(int, madvise, (void *at, size_t len, int advice), (at, len, advice), -1, EINVAL)
WRAPPED(int, open, (const char *path, int flags, mode_t mode), (path, flags, mode), -1, EMFILE)
WRAPPED(int, fdatasync, (int fd), (fd), -1, EIO)
WRAPPED(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len), -1, ENOSPC)
WRAPPED(int, pthread_create,
	(pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *), void *context),
	(thread, how, run, context), EAGAIN, EAGAIN)

/* What was kept, or < 0 where nothing could begin. */
static int live(const struct place *place)
{
	static const char event[] = "{\"type\":\"event\",\"payload\":{\"name\":\"a\"}}";
	char state[96], keys[96], why[256], setting[64];
	const char *settings[] = {state, keys, "limit.requests_per_minute=600", NULL};
	const struct tamis_options options = {.size = sizeof options,
					      .app_name = "torture",
					      .config_path = "/dev/null",
					      .settings = settings};
	struct tamis *tamis;
	int kept;

	snprintf(state, sizeof state, "state.dir=%s/state", place->dir);
	snprintf(keys, sizeof keys, "identity.key_dir=%s", place->keys);
	kept = tamis_start(&tamis, &options, why, sizeof why);
	if (kept < 0) {
		assert_string_not_equal(why, "");
		return kept;
	}
	kept = tamis_send(tamis, event, strlen(event), NULL, why, sizeof why);
	assert_true(kept == TAMIS_KEPT || (kept < 0 && *why));
	assert_true(tamis_route(tamis, "GET", "/a", 200, 1) <= 0);
	assert_true(tamis_metrics(tamis, NULL, 0) != 0);
	assert_true(tamis_setting(tamis, "state.dir", setting, sizeof setting) != 0);
	assert_true(tamis_flush(tamis, 0) <= 0);
	assert_true(tamis_stop(tamis) <= 0);
	return kept == TAMIS_KEPT;
}

static void test_each_call_fails(void **state)
{
	struct place *place = place_open(NULL);
	unsigned all;

	(void)state;
	calls = failing = 0;
	assert_int_equal(live(place), 1);
	all = calls;
	assert_true(all > 50);
	place_close(place);
	for (unsigned i = 1; i <= all; i++) {
		place = place_open(NULL);
		calls = 0;
		failing = i;
		(void)live(place);
		failing = 0;
		assert_int_equal(live(place), 1);
		place_close(place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_call_fails)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
