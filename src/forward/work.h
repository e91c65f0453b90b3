/*
 * work - the forwarder's insides, shared by forward.c (the loop), intake.c (spool to
 * lanes) and settle.c (answers to journal, dead letters and lanes).
 *
 * Every item in memory is in exactly one place: waiting in its lane, apart in its
 * lane, in its lane's post, or finished and freed: journalled before more is sent.
 */
#ifndef TAMIS_WORK_H
#define TAMIS_WORK_H

#include "backoff.h"
#include "counters.h"
#include "dead.h"
#include "forward.h"
#include "health.h"
#include "lane.h"
#include "pace.h"
#include "post.h"
#include "reader.h"
#include "sink.h"
#include "witness.h"

/* Lanes and posts have one index: connections, at most this many. */
#define FORWARD_LANES_MAX 64
/* Events that were moved aside during an outage, with their visitors held back. */
#define HELD_MAX 3

struct forward {
	const struct config *config;
	struct counters *counters;
	struct counter_lane *count;
	struct spool_reader *reader;
	struct dead_letters *dead;
	struct sink *sink;
	struct arena *arena; /* of the one record that is being read */
	struct item_pool pool;
	CURLM *multi;
	struct lane lanes[FORWARD_LANES_MAX];
	struct post posts[FORWARD_LANES_MAX];
	unsigned n_lanes, next_lane; /* whose turn it is, so that none starves */

	struct spool_place *done; /* finished, not yet journalled */
	size_t n_done, max_items, n_items, n_bytes;

	struct health health;
	uint64_t held[HELD_MAX]; /* visitors */
	const struct item *held_by[HELD_MAX];
	size_t n_held, n_displaced;
	struct pace pace;
	struct witness witness;
	unsigned under_way;	 /* requests with events, at most pace.open are begun */
	unsigned failures;	 /* of whole requests in a row */
	int64_t failed_us;	 /* when the last of them was noticed */
	int64_t failing_since_s; /* wall clock, when the first of them was; 0: none */
	int64_t closed_until_us; /* nothing is sent before */
	int64_t no_batch_until_us, tick_us, expire_us;
	uint64_t finished, finished_seen; /* events, ever; as of the last tick */
	uint64_t n_dead, damaged_seen;	  /* of them; of the spool's damaged places */
	bool at_end;			  /* the spool had nothing ripe */
	int64_t end_us;			  /* the last round in which that was so */
	bool unsure;			  /* the journal does not hold all that is finished */
	bool hurry;			  /* send what there is, without waiting for full batches */
	bool local;			  /* no website: only report */
	bool prints;			  /* umami.debug, and standard output is a terminal */
};

/* May more be read into memory? Read from the spool into the lanes while it may. */
bool intake_has_room(const struct forward *forward);
MUST_CHECK enum status intake(struct forward *forward, int64_t now_us);
/* Write down what is finished; on failure nothing is sent until a tick has mended it. */
void settle_journal(struct forward *forward);
/* A request is over. */
void settle_post(struct forward *forward, unsigned lane, CURLcode code, int64_t now_us);
/* The witness' question is answered. */
void settle_witness(struct forward *forward, CURLcode code);
/* As a dead letter; apart in its lane while that cannot be written. text: a constant. */
void settle_dead(struct forward *forward, struct lane *lane, struct item *item, int code,
		 const char *text, int64_t now_us);

#endif
