/*
 * snapshot - see snapshot.h.
 */
#include "snapshot.h"

#include <string.h>

#include "day.h"
#include "entropy.h"
#include "release.h"
#include "warrant.h"

static enum status see(void *context, const struct release *release)
{
	(void)release;
	*(bool *)context = true;
	return ST_OK;
}

static enum status is_released(struct store *store, const char *metric, int32_t from, int32_t to,
			       bool *released, struct reason *why)
{
	*released = false;
	return release_read(store, metric, from, to, see, released, why);
}

struct taking {
	struct store *store;
	struct annals *journal; /* NULL: the store alone knows */
	struct entropy *entropy;
	struct snapshot_done *done;
};

/* May it be released, as far as the journal knows? */
static enum status ask_journal(const struct taking *taking, const struct measure *measure,
			       int32_t day, struct reason *why)
{
	char text[DAY_BYTES];
	bool released;
	enum status status = is_released(taking->store, measure->name, day, day, &released, why);

	if (status != ST_OK || released || !taking->journal)
		return status;
	if (annals_is_shut(taking->journal, day))
		return ST_NOT_FOUND;
	if (annals_has(taking->journal, measure->name, day))
		status =
		    reason_set(why, ST_DENIED,
			       "%s, %s: was released before, and the store does not know of it: "
			       "it comes from a backup; it is not released a second time",
			       measure->name, day_text(text, day));
	return status;
}

static enum status take(const struct taking *taking, const struct measure *measure, int32_t day,
			struct reason *why)
{
	enum status status = ask_journal(taking, measure, day, why);

	if (status == ST_NOT_FOUND) {
		taking->done->shut++;
		return ST_OK;
	}
	if (status == ST_OK)
		status = release_make(taking->store, measure, day, taking->entropy, why);
	taking->done->made += status == ST_OK;
	taking->done->there += status == ST_END;
	taking->done->refused += status == ST_DENIED;
	if ((status == ST_OK || status == ST_END) && taking->journal)
		status = annals_add(taking->journal, measure->name, day, why);
	return status == ST_END ? ST_OK : status;
}

static enum status take_all(const struct taking *taking, const struct registry *registry,
			    int32_t from, int32_t to, struct reason *why)
{
	enum status first = ST_OK;

	for (size_t i = 0; i < registry_size(registry); i++) {
		const struct measure *measure = registry_at(registry, i);
		for (int32_t day = from; day <= to && measure->mechanism != MECHANISM_NONE; day++) {
			struct reason failure = {""};
			enum status status = take(taking, measure, day, &failure);
			if (status != ST_OK && first == ST_OK) {
				first = status;
				*why = failure;
			}
		}
	}
	return first;
}

enum status snapshot_take(struct store *store, const struct registry *registry,
			  const char *journal_dir, int32_t from, int32_t to, int32_t today,
			  struct snapshot_done *done, struct reason *why)
{
	struct taking taking = {.store = store, .done = done};
	enum status status;

	*done = (struct snapshot_done){0};
	if (to >= today)
		return reason_set(why, ST_USAGE, "a day is released when it is over, not before");
	status = entropy_open(&taking.entropy);
	if (status != ST_OK)
		return reason_set(why, status, "no randomness: nothing is released");
	status = warrant_open(&taking.journal, store, journal_dir, why);
	if (status == ST_OK)
		status = take_all(&taking, registry, from, to, why);
	if (status == ST_OK && done->made) /* the true counts' bytes, too */
		status = store_compact(store, why);
	annals_close(taking.journal);
	entropy_close(taking.entropy);
	return status;
}

/* The last day of a metric's releases that are known. */
static enum status last_day(void *context, const struct release *release)
{
	int32_t *last = context;

	return day_parse(last, release_day(release), strlen(release_day(release)));
}

enum status snapshot_due(struct store *store, const struct registry *registry, int32_t today,
			 int32_t days, int32_t *from, struct reason *why)
{
	enum status status = ST_OK;

	*from = today - 1;
	for (size_t i = 0; i < registry_size(registry) && status == ST_OK; i++) {
		const struct measure *measure = registry_at(registry, i);
		int32_t last = today - 1;
		if (measure->mechanism == MECHANISM_NONE)
			continue;
		status = release_read(store, measure->name, today - 1 - days, today - 1, last_day,
				      &last, why);
		if (last + 1 < *from)
			*from = last + 1;
	}
	return status;
}
