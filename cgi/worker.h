/*
 * worker - answers one request after another: variables and body in, answer out.
 *
 * Knows of no transport: FastCGI, CGI and tests hand in the same three things.
 */
#ifndef TAMIS_CGI_WORKER_H
#define TAMIS_CGI_WORKER_H

#include "config.h"
#include "endpoint.h"

struct worker;

/* brief: the process serves one request (CGI). config is borrowed. */
MUST_CHECK enum status service_open(struct service *service, const struct config *config,
				    bool brief, struct reason *why);
void service_close(struct service *service);
/* What a request may take to come in. */
int64_t service_patience_us(const struct service *service);
/* Each event waits for the disk (spool.sync: always). */
bool service_is_synced(const struct service *service);

MUST_CHECK enum status worker_new(struct worker **out, const struct service *service,
				  struct reason *why);
void worker_free(struct worker *worker);

/*
 * The answer to one request, valid until the next call. read gives the body. *whole: the
 * body was read to its end, so the connection can carry another request. No raw byte of
 * the body is left in the worker's memory.
 */
const struct buf *worker_answer(struct worker *worker, const struct variable *variables, size_t n,
				body_read_fn *read, void *context, bool *whole);

#endif
