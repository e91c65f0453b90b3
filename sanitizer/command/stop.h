/*
 * stop - the flag that SIGINT, SIGTERM and SIGHUP raise.
 *
 * System calls are interrupted, not restarted, so that a read that waits
 * comes back; loops look at the flag and end as after an error, which removes
 * temporary files. SIGPIPE is ignored: a broken pipe is an error of write().
 */
#ifndef SANITIZE_STOP_H
#define SANITIZE_STOP_H

#include <signal.h>

/* The signal's number, or 0. */
extern volatile sig_atomic_t stop_signal;

void stop_install(void);

#endif
