/*
 * fuzz_request - any environment and body: one answer that is whole, says nothing of the
 * input, and keeps HTTP's form.
 *
 * Input: lines "NAME=value" up to an empty one, then the body.
 */
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "log.h"
#include "place.h"
#include "worker.h"

#define VARIABLES 32

static struct place *place;
static struct service service;
static struct worker *worker;

struct rest {
	const uint8_t *data;
	size_t size;
};

static long rest_read(void *context, char *data, size_t size)
{
	struct rest *rest = context;
	size_t n = rest->size < size ? rest->size : size;

	if (n)
		memcpy(data, rest->data, n);
	rest->data += n;
	rest->size -= n;
	return (long)n;
}

static void tear_down(void)
{
	worker_free(worker);
	service_close(&service);
	place_close(place);
}

static void set_up(void)
{
	const char *const small[4] = {"--spool.max_bytes=4194304", "--spool.segment_bytes=1048576"};

	log_open(STDERR_FILENO, "fuzz", LOG_ERROR);
	place = place_open(small);
	MUST(service_open(&service, place->config, false, NULL) == ST_OK);
	MUST(worker_new(&worker, &service, NULL) == ST_OK);
	atexit(tear_down);
}

/* The lines of the head are ours, whatever came in. */
static void check_head(const char *head, size_t len)
{
	static const char *const names[] = {
	    "Status: ",	       "Content-Type: ",      "Content-Length: ",
	    "Access-Control-", "Cache-Control: ",     "Allow: ",
	    "Location: /api/", "X-Tamis-Reason: bot", "Retry-After: "};

	while (len > 0) {
		const char *end = memchr(head, '\r', len);
		bool known = false;

		MUST(end && end[1] == '\n');
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			known |= strncmp(head, names[i], strlen(names[i])) == 0;
		MUST(known);
		len -= (size_t)(end + 2 - head);
		head = end + 2;
	}
}

static void check_answer(const struct buf *out)
{
	const char *end = strstr(out->data, "\r\n\r\n"), *length;

	MUST(strncmp(out->data, "Status: ", 8) == 0 && end);
	check_head(out->data, (size_t)(end + 2 - out->data));
	length = strstr(out->data, "Content-Length: ");
	MUST(!length || length > end || strtoul(length + 16, NULL, 10) == strlen(end + 4));
	MUST(out->len == (size_t)(end + 4 - out->data) + strlen(end + 4)); /* no NUL in it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *environment[VARIABLES + 1] = {0}, *line = text;
	struct variable variables[VARIABLES];
	struct rest rest = {data + size, 0};
	bool read_all;

	if (!worker)
		set_up();
	MUST(text);
	if (size)
		memcpy(text, data, size);
	for (size_t n = 0; n < VARIABLES && line; n++) {
		char *next = strchr(line, '\n');

		if (next)
			*next = '\0';
		if (*line == '\0' && next)
			rest = (struct rest){data + (next + 1 - text),
					     size - (size_t)(next + 1 - text)};
		if (*line == '\0')
			break;
		environment[n] = line;
		line = next ? next + 1 : NULL;
	}
	check_answer(worker_answer(worker, variables,
				   variables_of(variables, VARIABLES, environment), rest_read,
				   &rest, &read_all));
	MUST(read_all && rest.size == 0);
	free(text);
	return 0;
}
