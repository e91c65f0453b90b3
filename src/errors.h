/*
 * errors - requests and errors by day and endpoint: the statuses, and nothing of a request.
 */
#ifndef TAMIS_ERRORS_H
#define TAMIS_ERRORS_H

#include "counts.h"

#define ERRORS_STATUSES_MAX 64
#define ERROR_FROM 400 /* this status and those above are errors */

struct errors_row {
	char day[DAY_BYTES], method[16];
	char route[1025];
	uint64_t requests, errors;
	size_t n; /* statuses told; what is beyond ERRORS_STATUSES_MAX is in the sums alone */
	struct {
		unsigned status;
		uint64_t count;
	} statuses[ERRORS_STATUSES_MAX];
};

/* By day, route and method. Of the question only from and to are looked at. */
typedef void errors_row_fn(void *context, const struct errors_row *row);
MUST_CHECK enum status errors_read(struct counts_reader *reader,
				   const struct counts_question *question, errors_row_fn *visit,
				   void *context, struct reason *why);
MUST_CHECK enum status errors_json(struct counts_reader *reader,
				   const struct counts_question *question, struct buf *out,
				   struct reason *why);
/* A row for each status: "event_date,method,route,status,count,rate", rate of the endpoint's. */
MUST_CHECK enum status errors_csv(struct counts_reader *reader,
				  const struct counts_question *question, struct buf *out,
				  struct reason *why);

#endif
