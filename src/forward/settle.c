/*
 * settle - what follows from an answer, for each event and for the pace of all.
 *
 * A failure of a whole request halves that lane's next batch, so that one event the
 * upstream cannot stand is soon alone, and leaves one request at once, so that an
 * upstream which comes back is not run over. Only answers to an event by
 * itself make it a dead letter; an outage never does (health.h).
 */
#include "work.h"

#include <stdio.h>

#include "arena.h"
#include "clock.h"
#include "log.h"

/* A request of one event that fails so often while others are taken makes way for them. */
#define LONELY_MAX 3
#define NO_BATCH_US (600 * US_PER_S)

/* " (503)", or nothing where there was no answer. */
struct code_words {
	char text[16];
};

static struct code_words words_of(int code)
{
	struct code_words words = {""};

	if (code)
		(void)snprintf(words.text, sizeof(words.text), " (%d)", code);
	return words;
}

/*
 * A request of one event fails and nothing is taken: perhaps this event is what the
 * upstream cannot stand. It steps aside for others, but at first for none of its
 * visitor's; and only a few do, because more likely it is an outage.
 */
static void displace(struct forward *forward, struct item *item)
{
	item->displaced = true;
	forward->n_displaced++;
	forward->held[forward->n_held] = item->visitor;
	forward->held_by[forward->n_held++] = item;
}

/* Others of its visitor may pass it. */
static void release(struct forward *forward, const struct item *item)
{
	for (size_t i = 0; i < forward->n_held; i++) {
		if (forward->held_by[i] != item)
			continue;
		forward->n_held--;
		forward->held[i] = forward->held[forward->n_held];
		forward->held_by[i] = forward->held_by[forward->n_held];
		return;
	}
}

static void end_displaced(struct forward *forward, struct item *item)
{
	if (item->displaced)
		forward->n_displaced--;
	item->displaced = false;
	release(forward, item);
}

static void finish(struct forward *forward, struct item *item)
{
	end_displaced(forward, item);
	forward->done[forward->n_done++] = item->place;
	forward->finished++;
	forward->n_items--;
	forward->n_bytes -= item->len;
	item_give(&forward->pool, item);
}

void settle_journal(struct forward *forward)
{
	enum status status;

	if (!forward->n_done)
		return;
	status = spool_reader_done(forward->reader, forward->done, forward->n_done);
	forward->n_done = 0;
	if (status == ST_OK)
		return;
	log_error("forward: what was sent cannot be journalled, sending pauses: %s",
		  status_text(status));
	forward->unsure = true;
}

void settle_dead(struct forward *forward, struct lane *lane, struct item *item, int code,
		 const char *text, int64_t now_us)
{
	struct clean *clean;
	enum status status;

	item->doom = text;
	item->doom_code = code;
	arena_reset(forward->arena);
	status = clean_read(&clean, forward->arena, item->record, item->len);
	if (status == ST_OK)
		status = dead_add(forward->dead, clean, &item->stamp, code, text);
	if (status != ST_OK) {
		log_error("forward: a dead letter cannot be written: %s", status_text(status));
		lane_set_apart(lane, item, now_us + BACKOFF_BASE_US);
		return;
	}
	log_warning("forward: an event was set aside: %s%s", text, words_of(code).text);
	counters_add(forward->count, METRIC_DEAD, 1);
	forward->n_dead++;
	finish(forward, item);
}

/* Wait before anything is sent again, and then with one request at once. */
static void hold_back(struct forward *forward, const struct post *post, bool slow, int64_t now_us)
{
	int64_t base_us = slow ? BACKOFF_SLOW_BASE_US : BACKOFF_BASE_US;
	int64_t cap_us = slow ? BACKOFF_SLOW_CAP_US : BACKOFF_CAP_US;
	int64_t wait_us;

	/* What was under way together fails together, and counts once. */
	if (!forward->failures)
		forward->failing_since_s = clock_wall_us() / US_PER_S;
	if (post->started_us >= forward->failed_us || !forward->failures) {
		forward->failures++;
		pace_fail(&forward->pace, now_us);
		forward->failed_us = now_us;
	}
	wait_us = backoff_us(forward->failures, base_us, cap_us, backoff_random());
	wait_us = backoff_asked_us(wait_us, post->retry_after_s, backoff_random());
	if (now_us + wait_us > forward->closed_until_us)
		forward->closed_until_us = now_us + wait_us;
	log_warning("forward: %s%s; %zu events wait, next try in %.1f s", post->said,
		    words_of(post->code).text, forward->n_items,
		    (double)wait_us / (double)US_PER_S);
}

/* Of the n events of the post some were taken. */
static void go_on(struct forward *forward, struct lane *lane, const struct post *post, size_t n,
		  int64_t now_us)
{
	health_accepted(&forward->health, now_us);
	lane_grow(lane, n);
	pace_answer(&forward->pace, n, post->started_us, now_us);
	if (forward->failures)
		log_notice("forward: the upstream takes events again");
	forward->failures = 0;
	forward->failing_since_s = 0;
}

static void apart_for(struct lane *lane, struct item *item, unsigned failures, int64_t now_us)
{
	lane_set_apart(lane, item,
		       now_us +
			   backoff_us(failures, BACKOFF_BASE_US, BACKOFF_CAP_US, backoff_random()));
}

/* The failure is the event's own: it counts, and is journalled as such. */
static void blame(struct forward *forward, struct lane *lane, struct item *item, int code,
		  int64_t now_us)
{
	item->attempts++;
	if (item->attempts >= FORWARD_ATTEMPTS_MAX) {
		settle_dead(forward, lane, item, code, "the upstream failed on it again and again",
			    now_us);
		return;
	}
	if (spool_reader_failed(forward->reader, &item->place) != ST_OK)
		log_error("forward: a failed attempt cannot be journalled");
	/* Without proof wait longer: the outage may only begin. */
	apart_for(lane, item, item->attempts + !item->at_fault, now_us);
}

static bool is_refused(const struct outcome *outcome)
{
	return outcome->code >= 400 && outcome->code < 500 && outcome->code != 408 &&
	       outcome->code != 429;
}

static const char *refusal(const struct outcome *outcome)
{
	if (outcome->unknown_website)
		return "the upstream does not know the website";
	if (outcome->code == 413)
		return "the upstream finds it too large";
	return "the upstream refused it";
}

/* Taken and refused events leave the post; failed ones stay, moved to its front. */
static size_t settle_outcomes(struct forward *forward, struct lane *lane, struct post *post,
			      size_t *taken, int64_t now_us)
{
	size_t failed = 0, last = 0;

	*taken = 0;
	for (size_t i = 0; i < post->n; i++) {
		if (post->outcomes[i].code < 300) {
			(*taken)++;
			last = i;
		}
	}
	for (size_t i = 0; i < post->n; i++) {
		struct item *item = post->items[i];
		struct outcome *outcome = &post->outcomes[i];

		if (outcome->code < 300) {
			if (outcome->bot)
				log_warning("forward: the upstream takes visitors for bots");
			finish(forward, item);
		} else if (is_refused(outcome)) {
			settle_dead(forward, lane, item, outcome->code, refusal(outcome), now_us);
		} else {
			item->at_fault = item->at_fault || i < last;
			post->outcomes[failed] = *outcome;
			post->items[failed++] = item;
		}
	}
	return failed;
}

/* Nothing says that these events are at fault: the upstream is ill, or so it seems. */
static void keep_failed(struct forward *forward, struct lane *lane, struct post *post, size_t n,
			int64_t now_us)
{
	post->said = "the upstream fails on every event";
	post->code = post->outcomes[0].code;
	hold_back(forward, post, false, now_us);
	witness_ask(&forward->witness, forward->multi,
		    (long)forward->config->forward_timeout * 1000, now_us);
	if (post->apart)
		apart_for(lane, post->items[0], forward->failures, now_us);
	else
		lane_give_back(lane, post->items, n);
}

static void settle_answered(struct forward *forward, struct lane *lane, struct post *post,
			    int64_t now_us)
{
	const size_t sent = post->n;
	size_t taken, failed = settle_outcomes(forward, lane, post, &taken, now_us);
	size_t kept = 0;

	counters_add(forward->count, METRIC_FORWARDED, taken);
	post->n = 0;
	if (taken)
		go_on(forward, lane, post, sent, now_us);
	for (size_t i = 0; i < failed; i++) {
		if (!post->items[i]->at_fault)
			health_failed(&forward->health, post->items[i]->place);
	}
	for (size_t i = 0; i < failed; i++) {
		struct item *item = post->items[i];

		if (item->at_fault || !health_outage(&forward->health) ||
		    health_vouched(&forward->health, item->before_us))
			blame(forward, lane, item, post->outcomes[i].code, now_us);
		else
			post->items[kept++] = item;
	}
	if (kept)
		keep_failed(forward, lane, post, kept, now_us);
}

/*
 * Should an event that fails alone stand apart? Soon where others are taken meanwhile,
 * later where nothing is.
 */
static bool makes_way(struct forward *forward, struct item *item)
{
	if (health_proven(&forward->health, item->before_us)) {
		item->lonely++;
		if (item->lonely >= LONELY_MAX || item->alone >= LONELY_MAX) {
			end_displaced(forward, item);
			return true;
		}
	} else {
		item->alone++;
		if (!item->displaced && item->alone >= LONELY_MAX &&
		    forward->n_displaced < HELD_MAX)
			displace(forward, item);
		else if (item->alone >= 2 * LONELY_MAX)
			release(forward, item);
	}
	return item->displaced;
}

/* The request failed as a whole: its events wait for the next try in their old order. */
static void settle_failed(struct forward *forward, struct lane *lane, struct post *post, bool slow,
			  int64_t now_us)
{
	size_t n = post->n;
	bool aside = post->apart;

	hold_back(forward, post, slow, now_us);
	post->n = 0;
	if (post->heard && n == 1)
		aside = makes_way(forward, post->items[0]) || aside;
	else if (post->heard)
		lane_shrink(lane, n);
	if (aside)
		lane_set_apart(lane, post->items[0], forward->closed_until_us);
	else
		lane_give_back(lane, post->items, n);
}

static void settle_refused(struct forward *forward, struct lane *lane, struct post *post,
			   int64_t now_us)
{
	struct outcome outcome = {.code = post->code};
	size_t n = post->n;

	post->n = 0;
	if (n == 1) {
		if (post->outcomes[0].code == post->code)
			outcome = post->outcomes[0];
		settle_dead(forward, lane, post->items[0], post->code, refusal(&outcome), now_us);
		lane_grow(lane, 1);
		return;
	}
	log_notice("forward: a batch of %zu is refused (%d), it is sent in halves", n, post->code);
	lane_shrink(lane, n);
	lane_give_back(lane, post->items, n);
}

void settle_post(struct forward *forward, unsigned lane_number, CURLcode code, int64_t now_us)
{
	struct lane *lane = &forward->lanes[lane_number];
	struct post *post = &forward->posts[lane_number];
	enum post_end end = post_end(post, forward->multi, code);

	forward->under_way--;
	counters_upstream(forward->count, post->code, (uint64_t)(now_us - post->started_us));
	switch (end) {
	case POST_ANSWERED:
		settle_answered(forward, lane, post, now_us);
		break;
	case POST_REFUSED:
		settle_refused(forward, lane, post, now_us);
		break;
	case POST_NO_BATCH:
		log_notice("forward: the upstream has no /api/batch (%d), events go one by one",
			   post->code);
		forward->no_batch_until_us = now_us + NO_BATCH_US;
		lane_give_back(lane, post->items, post->n);
		post->n = 0;
		break;
	case POST_AGAIN:
		settle_failed(forward, lane, post, false, now_us);
		break;
	case POST_MISTAKE:
		settle_failed(forward, lane, post, true, now_us);
		break;
	}
}

void settle_witness(struct forward *forward, CURLcode code)
{
	if (!witness_hear(&forward->witness, forward->multi, code))
		return;
	log_notice("forward: the upstream's database answers: the events may be at fault");
	health_vouch(&forward->health, forward->witness.asked_us);
}
