/*
 * pace - how many requests may be under way at once, found out by how long answers take.
 *
 * While answers take no longer than they do alone, one more request at once brings more events
 * through; once they take twice as long, they only queue up at the upstream. So: one more
 * with every answer at first, half as many when the time has doubled, and from then on one
 * more only after as many good answers as there are requests. A failure begins anew with one.
 * Pure but for the caller's clock.
 */
#ifndef TAMIS_PACE_H
#define TAMIS_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_SIZES 16
/* An answer that is later by no more than this is not late: schedulers and networks are. */
#define PACE_SLACK_US 20000

struct pace {
	unsigned open, most; /* 1..most */
	unsigned good;	     /* answers in time since it became more last */
	bool careful;	     /* it was too many once */
	int64_t changed_us;  /* when it became less last */
	int64_t
	    least_us[PACE_SIZES]; /* the quickest answer by the batch's size, in powers of two */
};

void pace_init(struct pace *pace, unsigned most);
/* A request of n events that was sent at started_us is answered. */
void pace_answer(struct pace *pace, size_t n, int64_t started_us, int64_t now_us);
void pace_fail(struct pace *pace, int64_t now_us);

#endif
