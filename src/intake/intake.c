/*
 * intake - see intake.h.
 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "limit.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

enum status intake_open(struct intake **out, const struct config *config, struct limit *limit,
			const char *key_dir, struct reason *why)
{
	struct intake *intake = NULL;
	enum status status;

	*out = NULL;
	if (!*config->counts_registry)
		return reason_set(why, ST_NOT_FOUND, "counts.registry is not set");
	intake = calloc(1, sizeof(*intake));
	if (!intake)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	intake->config = config;
	intake->limit = limit;
	intake->key_dir = key_dir;
	state_path(intake->directory, config, STATE_TALLY);
	status = registry_open(&intake->registry, config->counts_registry, why);
	if (status == ST_NOT_FOUND) /* it is set, so it is to be there */
		status = ST_CONFIG;
	if (status == ST_OK)
		*out = intake;
	else
		intake_close(intake);
	return status;
}

void intake_close(struct intake *intake)
{
	if (!intake)
		return;
	registry_close(intake->registry);
	free(intake);
}

const struct registry *intake_registry(const struct intake *intake)
{
	return intake->registry;
}

enum status intake_worker_new(struct intake_worker **out, struct intake *intake)
{
	struct intake_worker *worker = calloc(1, sizeof(*worker));

	*out = NULL;
	if (worker) {
		worker->intake = intake;
		worker->arena = arena_new(ARENA_BYTES);
	}
	if (!worker || !worker->arena) {
		intake_worker_free(worker);
		return ST_NO_MEMORY;
	}
	*out = worker;
	return ST_OK;
}

void intake_worker_free(struct intake_worker *worker)
{
	if (!worker)
		return;
	tally_end(worker->lane);
	bound_close(worker->bound);
	if (worker->arena)
		arena_free(worker->arena);
	free(worker);
}

void intake_worker_disown(struct intake_worker *worker)
{
	if (worker->lane)
		tally_disown(worker->lane);
	bound_close(worker->bound); /* the child's part of it alone */
	worker->bound = NULL;
}

enum status desk_add(struct intake_worker *worker, const struct tally_cell *cell)
{
	if (!worker->lane) {
		enum status status = tally_take(&worker->lane, worker->intake->directory, NULL);
		if (status != ST_OK)
			return status;
	}
	return tally_add(worker->lane, cell);
}

enum status intake_count(struct intake_worker *worker, const struct increment *increment)
{
	const struct tally_cell cell = {
	    .table = TALLY_COUNTS,
	    .name = increment->name,
	    .day = increment->day,
	    .key = increment->id,
	    .source = increment->source,
	    .count = increment->count,
	};

	return desk_add(worker, &cell);
}

struct intake_verdict desk_refuse(enum status status, const char *field, const char *text)
{
	return (struct intake_verdict){.status = status, .fault = {field, text}};
}

struct intake_verdict desk_permit(const struct intake_request *request,
				  const struct measure *measure)
{
	if (!request->grant && !measure->public_ingest)
		return desk_refuse(ST_DENIED, "",
				   "is of a metric that is not for callers without a token");
	if (!request->grant && !request->listed_origin)
		return desk_refuse(ST_DENIED, "",
				   "comes from an origin that cors.origins does not list");
	return (struct intake_verdict){.status = ST_OK};
}

/* May whoever asks count this? A subject is one thing's id. */
static struct intake_verdict permit(const struct intake_request *request,
				    const struct increment *increment)
{
	const struct grant *grant = request->grant;

	if (grant && *grant->subject && strcmp(grant->subject, increment->id) != 0)
		return desk_refuse(ST_DENIED, "event_id", "is not the subject of this token");
	return desk_permit(request, increment->measure);
}

static struct intake_verdict take(struct intake_worker *worker,
				  const struct intake_request *request, const struct json *object,
				  int32_t today)
{
	int32_t past = (int32_t)worker->intake->config->counts_retention_days;
	struct intake_verdict verdict = {.status = ST_OK};
	struct increment increment;

	verdict.status = increment_read(&increment, worker->intake->registry, object, today, past,
					&verdict.fault);
	if (verdict.status == ST_OK)
		verdict = permit(request, &increment);
	if (verdict.status == ST_OK)
		verdict.status = intake_count(worker, &increment);
	if (verdict.status != ST_OK && !verdict.fault.text)
		verdict.fault = (struct fault){"", "could not be kept; try again"};
	return verdict;
}

/* Without a token there is a limit for each client; where it is wanted and failed, nobody passes.
 */
struct intake_verdict desk_limit(const struct intake *intake, const struct intake_request *request,
				 size_t n)
{
	struct intake_verdict verdict = {.status = ST_OK};

	if (request->grant || !intake->config->limit_requests_per_minute)
		return verdict;
	if (!intake->limit)
		return desk_refuse(ST_UNAVAILABLE, "",
				   "cannot be limited, and is not taken therefore");
	if (limit_take(intake->limit, request->address, n, 0, &verdict.wait_s) == LIMIT_REFUSE)
		verdict =
		    (struct intake_verdict){ST_LIMITED, {"", "comes too often"}, verdict.wait_s};
	return verdict;
}

struct intake_verdict desk_read(struct intake_worker *worker, const struct intake_request *request,
				const struct json **root)
{
	arena_reset(worker->arena);
	switch (json_read(root, worker->arena, request->body, request->len)) {
	case ST_OK:
		return (struct intake_verdict){.status = ST_OK};
	case ST_TOO_LARGE:
		return desk_refuse(ST_TOO_LARGE, "", "is nested or filled too much");
	case ST_NO_MEMORY:
		return desk_refuse(ST_NO_MEMORY, "", "is too much for now");
	default:
		return desk_refuse(ST_INVALID, "", "is no JSON");
	}
}

bool desk_items(struct intake_worker *worker, struct intake_verdicts *verdicts, size_t n)
{
	verdicts->items = arena_zalloc(worker->arena, (n ? n : 1) * sizeof(*verdicts->items));
	if (!verdicts->items)
		verdicts->whole = desk_refuse(ST_NO_MEMORY, "", "is too much for now");
	return verdicts->items != NULL;
}

void intake_counts(struct intake_worker *worker, const struct intake_request *request,
		   struct intake_verdicts *verdicts)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	const struct json *root, *item;
	size_t n = 1;

	*verdicts = (struct intake_verdicts){.whole = desk_read(worker, request, &root)};
	if (verdicts->whole.status != ST_OK)
		return;
	verdicts->array = root->type == JSON_ARRAY;
	n = verdicts->array ? root->len : 1;
	verdicts->whole = n > INTAKE_ITEMS_MAX
			      ? desk_refuse(ST_TOO_LARGE, "", "has more than 1000 increments")
			      : desk_limit(worker->intake, request, n);
	if (verdicts->whole.status != ST_OK || !desk_items(worker, verdicts, n))
		return;
	item = verdicts->array ? (n ? root->child : NULL) : root;
	for (; verdicts->n < n; item = item->next)
		verdicts->items[verdicts->n++] = take(worker, request, item, today);
}
