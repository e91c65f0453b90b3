/*
 * item - one event in memory, and those that ended: they serve the next ones.
 */
#ifndef TAMIS_ITEM_H
#define TAMIS_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clean.h"
#include "reader.h"

/* From the spool until it is journalled. */
struct item {
	struct item *next;
	struct spool_place place;
	struct stamp stamp;
	int64_t queued_us; /* monotonic */
	int64_t sent_us;   /* when it was last sent, 0: never */
	int64_t before_us; /* and the time before that */
	int64_t due_us;	   /* apart: not before */
	unsigned attempts; /* failures that count, as journalled */
	uint64_t visitor;
	unsigned lonely;  /* whole requests that failed with it alone while others were taken */
	unsigned alone;	  /* the same while nothing was taken */
	bool at_fault;	  /* a later event of its batch was taken */
	bool displaced;	  /* apart, though nothing proves that it is at fault */
	const char *doom; /* why it becomes a dead letter, as soon as that can be written */
	int doom_code;
	const char *json;  /* inside record */
	const char *token; /* inside record; NULL: none. It must be sent alone */
	size_t json_len;
	size_t len;
	size_t room; /* of record */
	unsigned char record[];
};

/* Ended items of common size, for the next ones: zeros are an empty one. */
struct item_pool {
	struct item *first;
};
/* NULL when memory failed. The event is copied. */
MUST_CHECK struct item *item_new(struct item_pool *pool, const struct clean *clean,
				 struct spool_place place, const struct stamp *stamp,
				 unsigned attempts, int64_t now_us);
void item_give(struct item_pool *pool, struct item *item);
void item_pool_free(struct item_pool *pool);
/* One, or a list of them, past any pool. */
void item_free(struct item *item);
void item_list_free(struct item *item);

#endif
