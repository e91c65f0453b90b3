/*
 * rollup - empties the tallies into the store, and keeps the store's house.
 *
 * Any number may run; each batch is applied once. One thread's.
 */
#ifndef TAMIS_ROLLUP_H
#define TAMIS_ROLLUP_H

#include "config.h"
#include "tally.h"

struct rollup;

/* The store is opened at first need, and again after it was lost. config is borrowed. */
MUST_CHECK enum status rollup_open(struct rollup **out, const struct config *config,
				   struct reason *why);
void rollup_close(struct rollup *rollup);
/* Once: all lanes into the store; once a day what is older than counts.retention_days goes. */
MUST_CHECK enum status rollup_once(struct rollup *rollup, struct tally_drained *drained,
				   struct reason *why);
/* The store that is open since; NULL: it is not. */
struct store *rollup_store(struct rollup *rollup);
/* Its connection is lost: it is opened again the next time. */
void rollup_lost(struct rollup *rollup);

#endif
