/*
 * Connections kept: what comes is told once, to one, and never lost, whenever it comes.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "kept.h"

#define CONNECTIONS 16
#define ROUNDS 2000

static struct kept *kept;

/* The web server's end; ours rests at place i. */
static int connection(size_t i)
{
	struct place *place = kept_place(kept, i);
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	place->fd = ends[1];
	assert_true(kept_join(kept, place));
	return ends[0];
}

static void test_one_after_the_other(void **state)
{
	struct place *place;
	int server;

	(void)state;
	assert_int_equal(kept_open(&kept, 1), ST_OK);
	server = connection(0);
	place = kept_place(kept, 0);
	assert_true(kept_rest(place));
	assert_int_equal(write(server, "a", 1), 1);
	assert_ptr_equal(kept_wait(kept), place);
	assert_null(kept_next(kept)); /* it is taken */
	assert_int_equal(write(server, "b", 1), 1);
	assert_null(kept_wait(kept)); /* told to another, noted for who has it */
	assert_false(kept_rest(place));
	assert_true(kept_rest(place));
	assert_ptr_equal(kept_next(kept), place);
	close(place->fd);
	kept_free(place);
	assert_null(kept_next(kept));
	close(server);
	kept_close(kept);
}

/* It came before the connection was among those kept, or while it is another's. */
static void test_early_and_late(void **state)
{
	struct place *place;
	int server, ends[2];

	(void)state;
	assert_int_equal(kept_open(&kept, 1), ST_OK);
	place = kept_place(kept, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[0], "a", 1), 1);
	place->fd = ends[1];
	assert_true(kept_join(kept, place));
	assert_null(kept_wait(kept));
	assert_false(kept_rest(place));
	close(ends[0]);
	close(ends[1]);
	kept_free(place);
	server = connection(0);
	assert_true(kept_rest(place));
	close(server);
	assert_ptr_equal(kept_wait(kept), place);
	close(place->fd);
	kept_free(place);
	kept_close(kept);
}

static _Atomic int left = CONNECTIONS;

/* Answers every byte; a connection that ends is one less. */
static void *answer(void *unused)
{
	while (!kept_enter(kept))
		;
	while (left > 0) {
		struct place *place = kept_wait(kept);
		bool ended = false;

		if (!place)
			continue;
		do {
			char byte;
			ssize_t got;

			while ((got = recv(place->fd, &byte, 1, MSG_DONTWAIT)) == 1)
				if (send(place->fd, &byte, 1, MSG_NOSIGNAL) != 1)
					abort();
			ended = got == 0;
		} while (!ended && !kept_rest(place));
		if (ended) {
			close(place->fd);
			kept_free(place);
			left--;
		}
	}
	kept_leave(kept);
	return unused;
}

/* Each connection asks, and asks again once it is answered: one lost would end it. */
static void test_nothing_is_lost(void **state)
{
	int servers[CONNECTIONS];
	pthread_t threads[2];

	(void)state;
	assert_int_equal(kept_open(&kept, CONNECTIONS), ST_OK);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		servers[i] = connection(i);
		assert_true(kept_rest(kept_place(kept, i)));
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, answer, NULL), 0);
	for (size_t round = 0; round < ROUNDS; round++) {
		char byte = (char)round, back;

		for (size_t i = 0; i < CONNECTIONS; i++)
			assert_int_equal(write(servers[i], &byte, 1), 1);
		for (size_t i = 0; i < CONNECTIONS; i++) {
			assert_int_equal(read(servers[i], &back, 1), 1);
			assert_int_equal(back, byte);
		}
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		close(servers[i]);
	while (left > 0)
		(void)sched_yield();
	/* One for each thread that waits still. */
	for (size_t i = 0; i < 2; i++) {
		servers[i] = connection(i);
		assert_int_equal(write(servers[i], "x", 1), 1);
	}
	for (size_t i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		close(kept_place(kept, i)->fd);
		close(servers[i]);
	}
	kept_close(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_after_the_other),
	    cmocka_unit_test(test_early_and_late),
	    cmocka_unit_test(test_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
