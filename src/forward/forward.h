/*
 * forward - takes events off the spool and brings them to the upstream.
 *
 * One process, one thread: a curl-multi loop with `forward.connections` lanes; a
 * visitor's events always go through the same lane, one batch at a time, so they
 * arrive in order. Whole requests that fail (no connection, time-out, 429, 5xx) are
 * tried again without limit, with back-off, jitter and Retry-After; elements that
 * failed with 5xx are tried again alone, at most 5 times; 4xx elements are set aside.
 * While nothing at all is taken it is an outage, which sets nothing aside.
 *
 * umami.debug: events are printed and stay on the spool. Without a website it sends
 * nothing and only reports. docs/forwarding.md is the page for people.
 */
#ifndef TAMIS_FORWARD_H
#define TAMIS_FORWARD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "counters.h"
#include "status.h"

/* Give up on an element that the upstream answers with 5xx. */
#define FORWARD_ATTEMPTS_MAX 5

struct forward;

/*
 * ST_CONFIG: e.g. an API key over plain http to another machine. ST_BUSY: another
 * forwarder runs on this state directory. counters is borrowed.
 */
MUST_CHECK enum status forward_open(struct forward **out, const struct config *config,
				    struct counters *counters, struct reason *why);
/* What forward_open() would refuse the configuration for; nothing is opened. */
MUST_CHECK enum status forward_check(const struct config *config, struct reason *why);
void forward_close(struct forward *forward);
/* Until *stopping is set (then answers under way are awaited for at most 2 s). */
MUST_CHECK enum status forward_run(struct forward *forward, const volatile sig_atomic_t *stopping);
/* Until the spool is empty; ST_UNAVAILABLE after timeout_ms. For tests and `--once`. */
MUST_CHECK enum status forward_drain(struct forward *forward, int timeout_ms);

/*
 * For who has a loop of its own, instead of forward_run(): rounds, until one is not ST_OK
 * (ST_BUSY: another forwarder took over), then forward_finish() as forward_run() does. A
 * round waits for at most 0.5 s, or until another thread calls forward_wake().
 */
MUST_CHECK enum status forward_turn(struct forward *forward);
MUST_CHECK enum status forward_finish(struct forward *forward);
void forward_wake(struct forward *forward);

/*
 * Has everything that was on the spool at forward_mark() been delivered or set aside, and
 * been journalled? While it is asked for, nothing waits for full batches.
 */
struct forward_mark {
	int64_t wall_us, mono_us; /* when it was made */
	int64_t read_us;	  /* monotonic, when the last of it was read; 0: not yet */
};
void forward_mark(struct forward *forward, struct forward_mark *mark);
bool forward_passed(struct forward *forward, struct forward_mark *mark);

#endif
