/*
 * batch - reading goes through cJSON; of an answer only numbers and two known texts count.
 */
#include "batch.h"

#include <string.h>

#include <cjson/cJSON.h>

#define UNKNOWN_WEBSITE "Website not found."

void batch_start(struct buf *body)
{
	buf_reset(body);
	buf_addc(body, '[');
}

void batch_add(struct buf *body, const char *json, size_t len)
{
	if (body->len > 1)
		buf_addc(body, ',');
	buf_add(body, json, len);
}

void batch_end(struct buf *body)
{
	buf_addc(body, ']');
}

/* The whole of it, or NULL: cJSON alone would overlook what follows a value. */
static cJSON *parse(const char *answer, size_t len)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(answer, len, &end, 0);

	while (root && end < answer + len && strchr(" \t\r\n", *end) && *end)
		end++;
	if (root && (end != answer + len || !cJSON_IsObject(root))) {
		cJSON_Delete(root);
		root = NULL;
	}
	return root;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Is there a whole number at most max under the name? */
static bool number(const cJSON *object, const char *name, size_t max, size_t *value)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
	    !(item->valuedouble <= (double)max))
		return false;
	*value = (size_t)item->valuedouble;
	return true;
}

static bool says(const cJSON *object, const char *name, const char *text)
{
	const cJSON *item = member(object, name);

	return cJSON_IsString(item) && strcmp(item->valuestring, text) == 0;
}

/* An error without a code is the upstream's fault, not the event's. */
static void read_error(struct outcome *outcome, const cJSON *error)
{
	size_t code;

	outcome->code = 500;
	if (number(error, "status", 599, &code) && code >= 400)
		outcome->code = (int)code;
	outcome->unknown_website = says(error, "message", UNKNOWN_WEBSITE);
}

/* Umami gives each figure; one that is left out contradicts nothing. */
static bool figure_is(const cJSON *root, const char *name, size_t n)
{
	const cJSON *item = member(root, name);

	return !item || (cJSON_IsNumber(item) && item->valuedouble == (double)n);
}

static size_t count_failed(const struct outcome *outcomes, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++)
		failed += outcomes[i].code != 200;
	return failed;
}

enum status batch_outcomes(struct outcome *outcomes, size_t n, const char *answer, size_t len)
{
	cJSON *root = parse(answer, len);
	enum status status = ST_INVALID;
	const cJSON *details, *detail;
	size_t size, index, failed;

	for (size_t i = 0; i < n; i++)
		outcomes[i] = (struct outcome){.code = 200};
	if (!root || !number(root, "size", n, &size) || size != n)
		goto out;
	details = member(root, "details");
	if (!cJSON_IsArray(details))
		goto out;
	cJSON_ArrayForEach(detail, details)
	{
		if (!number(detail, "index", n - 1, &index))
			goto out;
		read_error(&outcomes[index], member(member(detail, "response"), "error"));
	}
	/* Errors that are not told of one by one: nobody knows which events were taken. */
	failed = count_failed(outcomes, n);
	if (figure_is(root, "errors", failed) && figure_is(root, "processed", n - failed))
		status = ST_OK;
out:
	cJSON_Delete(root);
	return status;
}

enum status batch_outcome(struct outcome *outcome, int code, const char *answer, size_t len)
{
	cJSON *root = parse(answer, len);
	enum status status = root ? ST_OK : ST_INVALID;
	const cJSON *error = member(root, "error");

	*outcome = (struct outcome){.code = code};
	if (code >= 400 && !cJSON_IsObject(error))
		status = ST_INVALID;
	if (code >= 400 && status == ST_OK)
		outcome->unknown_website = says(error, "message", UNKNOWN_WEBSITE);
	outcome->bot = code < 300 && cJSON_IsString(member(root, "beep"));
	cJSON_Delete(root);
	return status;
}
