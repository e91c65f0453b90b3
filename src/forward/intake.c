/*
 * intake - each event goes to the lane of its visitor, or aside.
 */
#include "work.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "arena.h"

/* Then the loop looks after its connections again. */
#define EVENTS_AT_ONCE 1000
/* Events in memory, so that large ones do not add up. */
#define BYTES_MAX ((size_t)4 << 20)
/* A dead letter is synced one by one, which takes a disk's time. */
#define DEAD_AT_ONCE 32

static bool listed(const struct config *config, const char *source)
{
	const struct config_list *websites = &config->umami_websites;

	for (size_t i = 0; i < websites->n; i++) {
		if (strcasecmp(source, websites->items[i]) == 0)
			return true;
	}
	return false;
}

/* Links and pixels are not listed; only a website's id stands under this key. */
static bool is_for_website(const struct clean *clean)
{
	char member[64];
	size_t len;
	const char *json = clean_json(clean, &len);
	int n = snprintf(member, sizeof(member), "\"website\":\"%s\"", clean_source(clean));

	return n > 0 && (size_t)n < sizeof(member) && memmem(json, len, member, (size_t)n);
}

/* It stays on the spool, for the day when debugging is over. */
static void print_event(const struct clean *clean)
{
	size_t len;
	const char *json = clean_json(clean, &len);

	(void)fwrite(json, 1, len, stdout);
	(void)putchar('\n');
	(void)fflush(stdout);
}

/* An event that was tried before goes on being tried alone. */
static enum status queue_event(struct forward *forward, const struct clean *clean,
			       struct item *item, int64_t now_us)
{
	struct lane *lane = &forward->lanes[clean_visitor(clean) % forward->n_lanes];

	if (!item)
		return ST_NO_MEMORY;
	forward->n_items++;
	forward->n_bytes += item->len;
	if (!listed(forward->config, clean_source(clean)) && is_for_website(clean))
		settle_dead(forward, lane, item, 0, "website not listed", now_us);
	else if (item->attempts)
		lane_set_apart(lane, item, now_us);
	else
		lane_push(lane, item);
	return ST_OK;
}

/* ST_END: nothing ripe. */
static enum status take_event(struct forward *forward, int64_t now_us)
{
	struct spool_place place;
	struct stamp stamp;
	struct clean *clean;
	unsigned attempts;
	enum status status;

	arena_reset(forward->arena);
	status =
	    spool_reader_next(forward->reader, forward->arena, &clean, &place, &stamp, &attempts);
	if (status != ST_OK)
		return status;
	if (forward->config->umami_debug) {
		if (forward->prints)
			print_event(clean);
		return ST_OK;
	}
	return queue_event(
	    forward, clean,
	    item_new(&forward->pool, clean, place, &stamp, attempts, now_us), now_us);
}

bool intake_has_room(const struct forward *forward)
{
	return forward->n_items + forward->n_done < forward->max_items &&
	       forward->n_bytes < BYTES_MAX;
}

enum status intake(struct forward *forward, int64_t now_us)
{
	uint64_t dead = forward->n_dead;
	enum status status = ST_OK;

	for (int i = 0; i < EVENTS_AT_ONCE && status == ST_OK && intake_has_room(forward); i++) {
		status = take_event(forward, now_us);
		if (forward->n_dead >= dead + DEAD_AT_ONCE)
			break;
	}
	forward->at_end = status == ST_END;
	if (forward->at_end)
		forward->end_us = now_us;
	return status == ST_END ? ST_OK : status;
}
