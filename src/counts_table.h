/*
 * counts_table - what was counted, for a person at a terminal.
 */
#ifndef TAMIS_COUNTS_TABLE_H
#define TAMIS_COUNTS_TABLE_H

#include "counts.h"
#include "registry.h"

/* A line with a bar for each row. */
MUST_CHECK enum status counts_table(struct counts_reader *reader,
				    const struct counts_question *question, struct buf *out,
				    struct reason *why);
/* A line for each day and endpoint: requests, errors, how many of a hundred, which. */
MUST_CHECK enum status errors_table(struct counts_reader *reader,
				    const struct counts_question *question, struct buf *out,
				    struct reason *why);
/* The steps of a metric in their order, each as a part of the first; as JSON, or with bars. */
MUST_CHECK enum status steps_table(struct counts_reader *reader, const struct measure *measure,
				   const struct counts_question *question, bool json,
				   struct buf *out, struct reason *why);

#endif
