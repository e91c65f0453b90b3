/*
 * rollup_watch - do counts get on from the tally to the store?
 */
#ifndef TAMIS_ROLLUP_WATCH_H
#define TAMIS_ROLLUP_WATCH_H

#include <stdbool.h>

#include "config.h"

struct rollup_watch {
	uint64_t waiting; /* cells in the tally */
	int64_t ago_s;	  /* since a rollup came to its end; -1: none ever did */
	bool stands;	  /* counts wait, and longer than three rollups or a minute */
};

MUST_CHECK enum status rollup_watch_take(struct rollup_watch *watch, const struct config *config,
					 struct reason *why);

#endif
