/*
 * counting - what the endpoints of declared counters share.
 */
#ifndef TAMIS_CGI_COUNTING_H
#define TAMIS_CGI_COUNTING_H

#include "endpoint.h"

/* The worker's desk for increments, made at first need. False: the response says why not. */
bool exchange_intake(struct exchange *exchange);
/* Body, token and origin of an increment. False: the response says why not. */
bool exchange_asked(struct exchange *exchange, struct intake_request *asked, struct grant *grant,
		    char address[NET_TEXT_MAX]);
/* What is wrong with an increment, by field: an object, and as the whole answer. */
void fault_write(struct buf *out, const struct intake_verdict *verdict);
void answer_fault(struct response *response, const struct intake_verdict *verdict);

#endif
