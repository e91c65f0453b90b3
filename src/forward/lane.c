/*
 * lane - two singly linked lists. Few stand apart at a time, so their list is searched.
 */
#include "lane.h"

void lane_init(struct lane *lane, size_t max_batch)
{
	*lane = (struct lane){.limit = max_batch, .max = max_batch};
	lane->last = &lane->first;
}

void lane_clear(struct lane *lane)
{
	item_list_free(lane->first);
	item_list_free(lane->apart);
	lane_init(lane, lane->max);
}

void lane_push(struct lane *lane, struct item *item)
{
	item->next = NULL;
	*lane->last = item;
	lane->last = &item->next;
	lane->n++;
}

static bool is_held(const struct item *item, const uint64_t *held, size_t n_held)
{
	for (size_t i = 0; i < n_held; i++) {
		if (item->visitor == held[i])
			return true;
	}
	return false;
}

size_t lane_take(struct lane *lane, struct item **items, size_t most, const uint64_t *held,
		 size_t n_held)
{
	struct item **at = &lane->first;
	size_t n = 0, bytes = 0;

	while (n < most && *at) {
		if (is_held(*at, held, n_held)) {
			at = &(*at)->next;
			continue;
		}
		bytes += (*at)->json_len;
		if (n && (bytes > LANE_BYTES_MAX || (*at)->token || items[n - 1]->token))
			break;
		items[n] = *at;
		*at = items[n]->next;
		if (!*at)
			lane->last = at;
		n++;
	}
	lane->n -= n;
	return n;
}

void lane_give_back(struct lane *lane, struct item *const *items, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		items[i]->next = lane->first;
		if (!lane->first)
			lane->last = &items[i]->next;
		lane->first = items[i];
	}
	lane->n += n;
}

void lane_set_apart(struct lane *lane, struct item *item, int64_t due_us)
{
	item->due_us = due_us;
	item->next = lane->apart;
	lane->apart = item;
	lane->n_apart++;
}

struct item *lane_take_due(struct lane *lane, int64_t now_us)
{
	struct item **best = NULL, *item;

	for (struct item **at = &lane->apart; *at; at = &(*at)->next) {
		if ((*at)->due_us <= now_us && (!best || (*at)->due_us <= (*best)->due_us))
			best = at;
	}
	if (!best)
		return NULL;
	item = *best;
	*best = item->next;
	lane->n_apart--;
	return item;
}

int64_t lane_due_us(const struct lane *lane)
{
	int64_t due_us = INT64_MAX;

	for (const struct item *item = lane->apart; item; item = item->next) {
		if (item->due_us < due_us)
			due_us = item->due_us;
	}
	return due_us;
}

void lane_shrink(struct lane *lane, size_t n)
{
	lane->limit = n > 1 ? n / 2 : 1;
}

void lane_grow(struct lane *lane, size_t n)
{
	if (n < lane->limit)
		return;
	lane->limit = lane->limit > lane->max / 2 ? lane->max : lane->limit * 2;
}
