/*
 * api_error - see api_error.h.
 *
 * A problem's places are dotted paths ("payload.website"); Umami prints them as nested
 * "properties", each level with its own "errors".
 */
#include "api_error.h"

#include <stdlib.h>
#include <string.h>

/* Nulls before a bad element. */
#define ELEMENTS_MAX 100000
/* A full spool, a failing disk: as long as a few batches take to leave. */
#define RETRY_AFTER_S 5

/* Is the place below this path of len bytes? Then its next part begins at *part. */
static bool is_below(const char *place, const char *path, size_t len, const char **part)
{
	if (len == 0) {
		*part = place;
		return *place != '\0';
	}
	*part = place + len + 1;
	return strncmp(place, path, len) == 0 && place[len] == '.';
}

static bool is_at(const char *place, const char *path, size_t len)
{
	return strncmp(place, path, len) == 0 && place[len] == '\0';
}

static void write_messages(const struct problem *problem, const char *path, size_t len,
			   struct buf *out)
{
	const char *comma = "";

	buf_adds(out, "\"errors\":[");
	for (size_t i = 0; i < problem->n; i++) {
		const struct problem_item *item = &problem->items[i];

		if (!is_at(item->place, path, len))
			continue;
		buf_adds(out, comma);
		buf_add_json(out, item->message, strlen(item->message));
		comma = ",";
	}
	buf_addc(out, ']');
}

/* Did an earlier item begin the same property of this path? */
static bool is_told(const struct problem *problem, size_t before, const char *path, size_t len,
		    const char *part, size_t part_len)
{
	const char *other;

	for (size_t i = 0; i < before; i++)
		if (is_below(problem->items[i].place, path, len, &other) &&
		    strcspn(other, ".") == part_len && memcmp(other, part, part_len) == 0)
			return true;
	return false;
}

/* The inside of the object at the path: its messages, then its properties. */
static void write_level(const struct problem *problem, const char *path, size_t len,
			struct buf *out)
{
	bool first = true;

	write_messages(problem, path, len, out);
	for (size_t i = 0; i < problem->n; i++) {
		const char *place = problem->items[i].place, *part;
		size_t n;

		if (!is_below(place, path, len, &part))
			continue;
		n = strcspn(part, ".");
		if (is_told(problem, i, path, len, part, n))
			continue;
		buf_adds(out, first ? ",\"properties\":{" : ",");
		first = false;
		buf_add_json(out, part, n);
		buf_adds(out, ":{");
		write_level(problem, place, (size_t)(part - place) + n, out);
		buf_addc(out, '}');
	}
	if (!first)
		buf_addc(out, '}');
}

/* A place "[2]" is an element of the array that is the whole input; the others are null. */
static void write_element(const struct problem_item *item, struct buf *out)
{
	unsigned long index = strtoul(item->place + 1, NULL, 10);

	buf_adds(out, "\"errors\":[],\"items\":[");
	for (unsigned long i = 0; i < index && i < ELEMENTS_MAX; i++)
		buf_adds(out, "null,");
	buf_adds(out, "{\"errors\":[");
	buf_add_json(out, item->message, strlen(item->message));
	buf_adds(out, "]}]");
}

static void write_plain(struct buf *out, const char *message, const char *name, int code)
{
	buf_addf(out, "{\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"status\":%d}}", message,
		 name, code);
}

int api_error_write(const struct verdict *verdict, struct buf *out)
{
	int code = response_code(verdict->status);

	if (verdict->fate == FATE_INVALID) {
		buf_adds(out, "{\"error\":{\"message\":\"Bad request\",\"code\":\"bad-request\","
			      "\"status\":400,");
		if (verdict->problem->n && verdict->problem->items[0].place[0] == '[')
			write_element(&verdict->problem->items[0], out);
		else
			write_level(verdict->problem, "", 0, out);
		buf_adds(out, "}}");
		return 400;
	}
	if (verdict->fate == FATE_WEBSITE) {
		write_plain(out, "Website not found.", "bad-request", 400);
		return 400;
	}
	if (verdict->status == ST_TOO_LARGE)
		write_plain(out, "Too large.", "too-large", code);
	else if (verdict->status == ST_LIMITED)
		write_plain(out, "Too many events: try again later.", "too-many-requests", code);
	else
		write_plain(out, "Not kept: try again later.", "unavailable", code);
	return code;
}

void api_error_answer(const struct verdict *verdict, struct response *response)
{
	buf_reset(&response->body);
	response->code = api_error_write(verdict, &response->body);
	if (response->code == 503)
		response->retry_after_s = RETRY_AFTER_S;
	if (verdict->status == ST_LIMITED)
		response->retry_after_s = verdict->wait_s;
}
