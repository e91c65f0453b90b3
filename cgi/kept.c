/*
 * kept - see kept.h. An epoll set tells once of each arrival (EPOLLET), to one thread. It may come
 * while another thread has the connection, with the rest of a request or with the next one:
 * that is noted for it. It may come late, when its place has gone to another connection: so who
 * is told looks whether there is anything.
 */
#include "kept.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { FREE, RESTING, TAKEN, TAKEN_AND_MORE };

struct kept {
	int epoll;
	sem_t seats; /* of those who may wait */
	size_t n;
	struct place places[];
};

static unsigned processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

enum status kept_open(struct kept **out, size_t n)
{
	struct kept *kept = calloc(1, sizeof *kept + n * sizeof *kept->places);

	if (!kept)
		return ST_NO_MEMORY;
	kept->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (kept->epoll < 0 || sem_init(&kept->seats, 0, processors()) != 0) {
		kept_close(kept);
		return ST_IO;
	}
	kept->n = n;
	*out = kept;
	return ST_OK;
}

void kept_close(struct kept *kept)
{
	int saved = errno;

	if (!kept)
		return;
	if (kept->epoll >= 0)
		(void)close(kept->epoll);
	(void)sem_destroy(&kept->seats);
	free(kept);
	errno = saved;
}

struct place *kept_place(struct kept *kept, size_t i)
{
	return &kept->places[i];
}

bool kept_enter(struct kept *kept)
{
	return sem_wait(&kept->seats) == 0;
}

void kept_leave(struct kept *kept)
{
	(void)sem_post(&kept->seats);
}

static bool change(struct place *place, int from, int to)
{
	return atomic_compare_exchange_strong(&place->state, &from, to);
}

/* It is told of; true: it is the caller's. */
static bool claim(struct place *place)
{
	for (;;) {
		if (change(place, RESTING, TAKEN))
			return true;
		if (change(place, TAKEN, TAKEN_AND_MORE) || place->state != RESTING)
			return false;
	}
}

struct place *kept_wait(struct kept *kept)
{
	struct epoll_event event;

	if (epoll_wait(kept->epoll, &event, 1, -1) != 1 || !claim(event.data.ptr))
		return NULL;
	return event.data.ptr;
}

bool kept_join(struct kept *kept, struct place *place)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = place};

	place->state = TAKEN;
	if (epoll_ctl(kept->epoll, EPOLL_CTL_ADD, place->fd, &event) == 0)
		return true;
	place->state = FREE;
	return false;
}

bool kept_rest(struct place *place)
{
	if (change(place, TAKEN, RESTING))
		return true;
	place->state = TAKEN;
	return false;
}

void kept_free(struct place *place)
{
	place->state = FREE;
}

struct place *kept_next(struct kept *kept)
{
	for (size_t i = 0; i < kept->n; i++)
		if (change(&kept->places[i], RESTING, TAKEN))
			return &kept->places[i];
	return NULL;
}
