/*
 * jit - PCRE2's lock is not ours to take: one of our own around it.
 */
#include "jit.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* Without memory for this a child may wait as it would have. */
static void heed_forks(void)
{
	(void)pthread_atfork(before_fork, after_fork, after_fork);
}

void jit_compile(pcre2_code *code)
{
	(void)pthread_once(&once, heed_forks);
	pthread_mutex_lock(&lock);
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	pthread_mutex_unlock(&lock);
}

void jit_free(pcre2_code *code)
{
	pthread_mutex_lock(&lock);
	pcre2_code_free(code);
	pthread_mutex_unlock(&lock);
}
