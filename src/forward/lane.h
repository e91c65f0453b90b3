/*
 * lane - the events of some visitors, in the order of receipt.
 *
 * A visitor's events are all in one lane and a lane has one request under way, so
 * they arrive in order. Events that failed for reasons of their own stand apart and
 * are tried alone when they are due; those behind them go on.
 */
#ifndef TAMIS_LANE_H
#define TAMIS_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "item.h"

/* Proxies commonly refuse bodies of more than 1 MB. */
#define LANE_BYTES_MAX ((size_t)512 * 1024)

struct lane {
	struct item *first, **last; /* waiting */
	struct item *apart;
	size_t n, n_apart;
	size_t limit; /* most events to send at once now, 1..max */
	size_t max;
};

void lane_init(struct lane *lane, size_t max_batch);
void lane_clear(struct lane *lane);
void lane_push(struct lane *lane, struct item *item);
/*
 * Up to most from the front, in order, but those of n_held visitors; returns how many.
 * Beyond the first they are LANE_BYTES_MAX of JSON together at most, and without token.
 */
size_t lane_take(struct lane *lane, struct item **items, size_t most, const uint64_t *held,
		 size_t n_held);
/* Back to the front, in their order. */
void lane_give_back(struct lane *lane, struct item *const *items, size_t n);
void lane_set_apart(struct lane *lane, struct item *item, int64_t due_us);
/* The one that is due longest, NULL: none is. */
struct item *lane_take_due(struct lane *lane, int64_t now_us);
/* When the next one apart is due; INT64_MAX: none stands there. */
int64_t lane_due_us(const struct lane *lane);
/* A request of n failed, or was taken. */
void lane_shrink(struct lane *lane, size_t n);
void lane_grow(struct lane *lane, size_t n);

#endif
