/*
 * thread - one of those that accept on the socket, without a lock, and answer.
 *
 * It brings a connection that the web server keeps to the others that are kept, and is then one of
 * the threads that answer what comes on these (kept.h), until one of them ends. Where events wait
 * for the disk it stays with its own.
 */
#ifndef TAMIS_CGI_THREAD_H
#define TAMIS_CGI_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "fastcgi.h"
#include "kept.h"
#include "tenure.h"

struct thread {
	pthread_t id;
	const volatile sig_atomic_t *stopping;
	struct hall *hall;
	struct kept *kept;
	struct place *place; /* free for a connection of its own; NULL: it is among those kept */
	bool entered;	     /* it is one of those who wait for what comes there */
	int socket;
	struct fastcgi fastcgi;
	int64_t end_us;		/* by when the request must have come in */
	_Atomic int64_t due_us; /* by when its next bytes must; 0: it is here, or none comes */
	_Atomic bool waiting; /* for a connection or the next request of one: a signal ends that */
	_Atomic bool ended;
};

/* A thread's life, until *stopping and a signal. argument: its struct thread. */
void *thread_run(void *argument);

#endif
