/*
 * once - see once.h.
 *
 * The process lives for one request, so nothing is prepared that the request might not need:
 * the service is opened as brief, and patterns are compiled when a candidate asks for one.
 */
#include "once.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "worker.h"

#define PATIENCE_MS 5000 /* for the next bytes of the body */

extern char **environ;

/* *context: bytes still to come. A server ends the body of a client that has gone like any. */
static long read_input(void *context, char *data, size_t size)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	long long *missing = context;
	long n = poll(&input, 1, PATIENCE_MS) > 0 ? read(STDIN_FILENO, data, size) : -1;

	*missing -= n;
	return n == 0 && *missing > 0 ? -1 : n;
}

enum status once_answer(const struct config *config, struct reason *why)
{
	const char *length = getenv("CONTENT_LENGTH"); /* none, or -1: chunked */
	long long missing = length ? atoll(length) : 0;
	struct worker *worker = NULL;
	struct service service;
	struct variable *variables;
	const struct buf *out;
	size_t n = 0;
	enum status st;
	bool whole;

	st = service_open(&service, config, true, why);
	if (st != ST_OK)
		return st;
	st = worker_new(&worker, &service, why);
	while (environ[n])
		n++;
	variables = calloc(n + 1, sizeof *variables);
	if (st == ST_OK && !variables)
		st = ST_NO_MEMORY;
	if (st == ST_OK) {
		n = variables_of(variables, n, environ);
		out = worker_answer(worker, variables, n, read_input, &missing, &whole);
		st = file_write_all(STDOUT_FILENO, out->data, out->len);
	}
	free(variables);
	worker_free(worker);
	service_close(&service);
	return st;
}
