/*
 * herald - a few sentences under one lock; the oldest makes way.
 */
#include "herald.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 8

struct sentence {
	int level;
	char text[256];
};

/* Of the log target. */
static struct {
	log_fn *write;
	void *context;
	pthread_mutex_t lock; /* of what follows */
	atomic_uint n;
	struct sentence kept[KEPT_MAX];
} herald = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep(void *context, int level, const char *text)
{
	struct sentence *sentence;
	unsigned n;

	(void)context;
	pthread_mutex_lock(&herald.lock);
	n = atomic_load(&herald.n);
	if (n == KEPT_MAX)
		for (n = 0; n < KEPT_MAX - 1; n++)
			herald.kept[n] = herald.kept[n + 1];
	sentence = &herald.kept[n];
	sentence->level = level;
	(void)snprintf(sentence->text, sizeof sentence->text, "%s", text);
	atomic_store(&herald.n, n + 1);
	pthread_mutex_unlock(&herald.lock);
}

void herald_open(log_fn *write, void *context)
{
	herald.context = context;
	herald.write = write;
}

void herald_begin(void)
{
	log_to(keep, NULL);
}

void herald_show(const char *json, size_t len)
{
	char *line = herald.write ? strndup(json, len) : NULL;

	if (line)
		herald.write(herald.context, LOG_DEBUG, line);
	free(line);
}

void herald_tell(void)
{
	struct sentence kept[KEPT_MAX];
	unsigned n;

	if (!atomic_load_explicit(&herald.n, memory_order_relaxed))
		return;
	pthread_mutex_lock(&herald.lock);
	n = atomic_exchange(&herald.n, 0);
	for (unsigned i = 0; i < n; i++)
		kept[i] = herald.kept[i];
	pthread_mutex_unlock(&herald.lock);
	for (unsigned i = 0; i < n && herald.write; i++)
		herald.write(herald.context, kept[i].level, kept[i].text);
}

void herald_forked(void)
{
	pthread_mutex_init(&herald.lock, NULL);
	atomic_store(&herald.n, 0);
}
