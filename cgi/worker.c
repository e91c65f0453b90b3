/*
 * worker - see worker.h.
 */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "state.h"

#define HEAD_ROOM ((size_t)4 << 10)

struct worker {
	const struct service *service;
	struct gateway_worker *gateway;
	struct intake_worker *intake; /* NULL until something is counted, */
	struct counts_reader *reader; /* or read, */
	struct released_reader *released;
	struct request request;
	struct response response;
	struct tracker tracker;
	struct buf body;
	struct buf out;
};

/* Declared counters, where there is a registry. */
static enum status counting_open(struct service *service, struct reason *why)
{
	char tokens[STATE_PATH_BYTES];
	enum status st = access_open(&service->access, access_path(tokens, service->config), why);

	if (st != ST_OK || !*service->config->counts_registry)
		return st;
	return intake_open(&service->intake, service->config, gateway_limit(service->gateway),
			   gateway_key_dir(service->gateway), why);
}

/* Where no more was said it was the state: room for a thread's counters, say. */
static enum status explain(enum status st, const struct service *service, struct reason *why)
{
	if (why && *why->text)
		return st;
	return reason_set_path(why, st, service->config->state_dir);
}

enum status service_open(struct service *service, const struct config *config, bool brief,
			 struct reason *why)
{
	enum status st;

	memset(service, 0, sizeof *service);
	service->config = config;
	if (config->umami_debug && !isatty(STDERR_FILENO))
		log_warning("umami.debug: standard error is no terminal, so events are neither "
			    "printed nor kept");
	st = routes_check(config, why);
	if (st == ST_OK)
		st = nets_read(&service->proxies, &config->http_trusted_proxies,
			       "http.trusted_proxies", why);
	if (st == ST_OK)
		st = brief ? gateway_open_brief(&service->gateway, config, why)
			   : gateway_open(&service->gateway, config, why);
	if (st != ST_OK)
		st = explain(st, service, why);
	if (st == ST_OK)
		st = counting_open(service, why);
	if (st != ST_OK)
		service_close(service);
	return st;
}

void service_close(struct service *service)
{
	intake_close(service->intake);
	access_close(service->access);
	gateway_close(service->gateway);
	nets_free(&service->proxies);
}

enum status worker_new(struct worker **out, const struct service *service, struct reason *why)
{
	struct worker *worker = calloc(1, sizeof *worker);
	enum status st;

	if (!worker)
		return ST_NO_MEMORY;
	worker->service = service;
	response_init(&worker->response);
	buf_init(&worker->body, (size_t)service->config->http_max_body_bytes + 2 * BODY_PIECE);
	buf_init(&worker->out, RESPONSE_BODY_MAX + HEAD_ROOM);
	st = gateway_worker_new(&worker->gateway, service->gateway);
	if (st == ST_OK) {
		*out = worker;
		return ST_OK;
	}
	st = explain(st, service, why);
	worker_free(worker);
	return st;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	gateway_worker_free(worker->gateway);
	intake_worker_free(worker->intake);
	counts_reader_free(worker->reader);
	released_reader_free(worker->released);
	response_free(&worker->response);
	tracker_free(&worker->tracker);
	buf_free(&worker->body);
	buf_free(&worker->out);
	free(worker);
}

int64_t service_patience_us(const struct service *service)
{
	return (int64_t)service->config->http_request_timeout * US_PER_S;
}

bool service_is_synced(const struct service *service)
{
	return gateway_is_synced(service->gateway);
}

const struct buf *worker_answer(struct worker *worker, const struct variable *variables, size_t n,
				body_read_fn *read, void *context, bool *whole)
{
	const struct config *config = worker->service->config;
	struct body_source source = {
	    .read = read,
	    .context = context,
	    .deadline_us = clock_coarse_us() + service_patience_us(worker->service),
	    .max_bytes = (size_t)config->http_max_body_bytes,
	};
	struct exchange exchange = {
	    .service = worker->service,
	    .worker = worker->gateway,
	    .request = &worker->request,
	    .source = &source,
	    .body = &worker->body,
	    .tracker = &worker->tracker,
	    .intake = &worker->intake,
	    .reader = &worker->reader,
	    .released = &worker->released,
	    .response = &worker->response,
	};

	buf_reset(&worker->body);
	response_reset(&worker->response);
	request_read(&worker->request, variables, n);
	route_answer(&exchange);
	if (!buf_ok(&worker->response.body))
		response_error(&worker->response, 503, "unavailable", "Out of memory.");
	gateway_forget(worker->gateway);
	*whole = request_drop(&source) != ST_UNAVAILABLE;
	if (worker->body.len)
		explicit_bzero(worker->body.data, worker->body.len);
	explicit_bzero(worker->request.path, strlen(worker->request.path));
	response_write(&worker->response, worker->request.method == METHOD_HEAD, &worker->out);
	return &worker->out;
}
