/*
 * item - one allocation each, record included.
 */
#include "item.h"

#include <stdlib.h>
#include <string.h>

/* Nearly all events fit: what malloc() and free() would take is as much as the rest of an item. */
#define ROOM_COMMON ((size_t)832)

static struct item *item_room(struct item_pool *pool, size_t len)
{
	size_t room = len > ROOM_COMMON ? len : ROOM_COMMON;
	struct item *item = len > ROOM_COMMON ? NULL : pool->first;

	if (item) {
		pool->first = item->next;
		return item;
	}
	item = malloc(sizeof(*item) + room);
	if (item)
		item->room = room;
	return item;
}

struct item *item_new(struct item_pool *pool, const struct clean *clean, struct spool_place place,
		      const struct stamp *stamp, unsigned attempts, int64_t now_us)
{
	size_t len, json_len;
	const char *record = clean_record(clean, &len);
	const char *json = clean_json(clean, &json_len);
	struct item *item = item_room(pool, len);

	if (!item)
		return NULL;
	*item = (struct item){.place = place,
			      .visitor = clean_visitor(clean),
			      .stamp = *stamp,
			      .queued_us = now_us,
			      .attempts = attempts,
			      .json_len = json_len,
			      .len = len,
			      .room = item->room};
	memcpy(item->record, record, len);
	item->json = (const char *)item->record + (json - record);
	if (*clean_token(clean))
		item->token = (const char *)item->record + (clean_token(clean) - record);
	return item;
}

void item_free(struct item *item)
{
	free(item);
}

void item_give(struct item_pool *pool, struct item *item)
{
	if (item->room != ROOM_COMMON) {
		item_free(item);
		return;
	}
	item->next = pool->first;
	pool->first = item;
}

void item_list_free(struct item *item)
{
	while (item) {
		struct item *next = item->next;

		item_free(item);
		item = next;
	}
}

void item_pool_free(struct item_pool *pool)
{
	item_list_free(pool->first);
	pool->first = NULL;
}
