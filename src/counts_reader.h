/*
 * counts_reader - what the readers of the store share: it is opened at first need.
 */
#ifndef TAMIS_COUNTS_READER_H
#define TAMIS_COUNTS_READER_H

#include "counts.h"
#include "store.h"

/* Like store_run(). A store that is not there yet has no rows; one that was lost is opened
 * again the next time. */
MUST_CHECK enum status counts_reader_run(struct counts_reader *reader, enum query query,
					 const struct store_value *values, store_row_fn *row,
					 void *context, struct reason *why);

#endif
