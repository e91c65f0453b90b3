/*
 * merge - the earliest record over all segments.
 *
 * Before a record of time t is given, nothing earlier may be hidden: every segment that
 * was found at its end must have been asked again at t + SETTLE_US or later, the
 * directories looked at likewise, and segments made before t must have had their turn.
 * From that follows a limit up to which the same segment may go on without asking.
 */
#include <string.h>

#include "clock.h"
#include "log.h"
#include "reading.h"

/* A segment that cannot be read must not hold up the others. */
#define RETRY_US (10 * US_PER_S)

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Would what was looked at then show all that is older than t? A clock may have jumped back. */
static bool is_fresh(int64_t looked_us, int64_t t_us, int64_t now_us)
{
	return looked_us == now_us || (looked_us < now_us && looked_us - SETTLE_US >= t_us);
}

static enum status pull(struct spool_reader *reader, struct track *track)
{
	enum track_result result;
	struct range damage;

	if (track->retry_us && clock_mono_us() < track->retry_us)
		return ST_OK;
	track->retry_us = 0;
	while ((result = track_pull(track, reader->dir, &damage)) == TRACK_DAMAGE)
		reader_damage(reader, track, &damage);
	if (result == TRACK_FAIL) {
		log_error("spool: a segment cannot be read; trying again in 10 s");
		track->retry_us = clock_mono_us() + RETRY_US;
	}
	return result == TRACK_GONE ? ST_NOT_FOUND : ST_OK;
}

/* Pull where a record may hide that is earlier than *best's. */
static void ask(struct spool_reader *reader, int64_t now_us, bool at_end, struct track **best)
{
	for (size_t i = reader->n_active; i-- > 0;) {
		struct track *track = reader->active[i];
		int64_t t_us = *best ? (*best)->head.time_us : INT64_MAX;

		if (!track->has_head && !track->complete && track->at_end == at_end &&
		    !(at_end && is_fresh(track->polled_us, t_us, now_us)) &&
		    pull(reader, track) == ST_NOT_FOUND) {
			reader_remove(reader, track);
			continue;
		}
		if (track->has_head && (!*best || track->head.time_us < t_us))
			*best = track;
	}
}

static struct track *first_waiting(struct spool_reader *reader)
{
	while (reader->waiting < reader->n_all && reader->all[reader->waiting]->number)
		reader->waiting++;
	return reader->waiting < reader->n_all ? reader->all[reader->waiting] : NULL;
}

static enum status start_waiting(struct spool_reader *reader, int64_t now_us, struct track **best)
{
	struct track *track;
	enum status status;

	while ((track = first_waiting(reader))) {
		int64_t made_us = shelf_made_us(track->stem);

		/* Made in the future: the clock jumped back, so that says nothing. */
		if (*best && made_us > (*best)->head.time_us && made_us <= now_us)
			return ST_OK;
		status = reader_activate(reader, track);
		if (status != ST_OK)
			return status;
		if (pull(reader, track) == ST_NOT_FOUND)
			reader_remove(reader, track);
		else if (track->has_head && (!*best || track->head.time_us < (*best)->head.time_us))
			*best = track;
	}
	return ST_OK;
}

static int64_t limit_of(struct spool_reader *reader, const struct track *best)
{
	const struct track *waiting = first_waiting(reader);
	int64_t limit = reader->checked_us - SETTLE_US;

	if (waiting)
		limit = min(limit, shelf_made_us(waiting->stem) - 1);
	for (size_t i = 0; i < reader->n_active; i++) {
		const struct track *track = reader->active[i];

		if (track == best || track->complete)
			continue;
		limit = min(limit,
			    track->has_head ? track->head.time_us : track->polled_us - SETTLE_US);
	}
	return limit;
}

/*
 * What was ripe when the clock was looked at last is so still, and of a backlog all is: no call
 * for each.
 */
enum status merge_next(struct spool_reader *reader, struct track **out)
{
	struct track *best = reader->current;
	enum status status;
	int64_t now_us;

	if (best && !best->has_head && pull(reader, best) == ST_NOT_FOUND)
		reader_remove(reader, best);
	else if (best && best->has_head && best->head.time_us <= reader->limit_us &&
		 best->head.time_us <= reader->now_us - SETTLE_US) {
		*out = best;
		return ST_OK;
	}
	reader->now_us = now_us = clock_wall_us();
	reader->current = NULL;
	best = NULL;
	ask(reader, now_us, false, &best);
	if (!is_fresh(reader->checked_us, best ? best->head.time_us : INT64_MAX, now_us)) {
		status = find_segments(reader, now_us, false);
		if (status == ST_NO_MEMORY)
			return status;
	}
	ask(reader, now_us, true, &best);
	status = start_waiting(reader, now_us, &best);
	if (status != ST_OK || !best)
		return best ? status : ST_END;
	reader->current = best;
	reader->limit_us = limit_of(reader, best);
	*out = best;
	return ST_OK;
}
