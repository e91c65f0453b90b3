/*
 * mark - has what was on the spool at a moment been dealt with?
 *
 * The reader hands records out in the order of their time. Once it came past the mark, or
 * found nothing more when all of before the mark was ripe, what is left of it is in memory:
 * the items that were queued until then.
 */
#include "work.h"

#include "clock.h"

/* Writers' clocks may differ by less; see reading.h. */
#define RIPE_US INT64_C(50000)

void forward_wake(struct forward *forward)
{
	(void)curl_multi_wakeup(forward->multi);
}

void forward_mark(struct forward *forward, struct forward_mark *mark)
{
	*mark = (struct forward_mark){clock_wall_us(), clock_mono_us(), 0};
	forward->hurry = true;
}

static bool is_read(const struct forward *forward, const struct forward_mark *mark)
{
	return spool_reader_reached_us(forward->reader) > mark->wall_us ||
	       forward->end_us > mark->mono_us + RIPE_US;
}

static bool list_holds(const struct item *item, int64_t until_us)
{
	while (item && item->queued_us > until_us)
		item = item->next;
	return item != NULL;
}

static bool post_holds(const struct post *post, int64_t until_us)
{
	for (size_t i = 0; post->busy && i < post->n; i++)
		if (post->items[i]->queued_us <= until_us)
			return true;
	return false;
}

bool forward_passed(struct forward *forward, struct forward_mark *mark)
{
	if (!mark->read_us && !is_read(forward, mark))
		return false;
	if (!mark->read_us)
		mark->read_us = clock_mono_us();
	for (unsigned i = 0; i < forward->n_lanes; i++)
		if (list_holds(forward->lanes[i].first, mark->read_us) ||
		    list_holds(forward->lanes[i].apart, mark->read_us) ||
		    post_holds(&forward->posts[i], mark->read_us))
			return false;
	if (forward->unsure || forward->n_done)
		return false;
	forward->hurry = false;
	return true;
}
