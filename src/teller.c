/*
 * teller - see teller.h.
 */
#include "teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allowance.h"
#include "clock.h"
#include "identity.h"
#include "intake.h"
#include "reply.h"

#define FIELDS_MAX REPLY_DIMENSIONS_MAX
#define DIGITS 24

struct teller {
	const struct config *config;
	struct identity *identity; /* NULL: no increment can be bounded */
	struct intake *intake;
	struct intake_worker *worker;
	struct entropy *entropy; /* NULL until it is needed */
};

enum status teller_open(struct teller **out, const struct config *config, struct reason *why)
{
	struct teller *teller = calloc(1, sizeof(*teller));
	enum status status = teller ? ST_OK : ST_NO_MEMORY;

	*out = NULL;
	if (!teller)
		return reason_set(why, status, "%s", status_text(status));
	teller->config = config;
	/* Counts need no key, and go on without. */
	if (identity_open(&teller->identity, config->identity_key_dir, NULL) != ST_OK)
		teller->identity = NULL;
	status = intake_open(&teller->intake, config, NULL,
			     teller->identity ? identity_dir(teller->identity)
					      : config->identity_key_dir,
			     why);
	if (status == ST_OK)
		status = intake_worker_new(&teller->worker, teller->intake);
	if (status == ST_OK)
		*out = teller;
	else
		teller_close(teller);
	return status;
}

void teller_close(struct teller *teller)
{
	if (!teller)
		return;
	entropy_close(teller->entropy);
	intake_worker_free(teller->worker);
	intake_close(teller->intake);
	identity_close(teller->identity);
	free(teller);
}

void teller_disown(struct teller *teller)
{
	intake_worker_disown(teller->worker);
}

/* The object that the same increment is over HTTP, so that the same is checked. */
struct object {
	struct json root, fields[FIELDS_MAX];
};

static void add_field(struct object *object, const char *key, enum json_type type, const char *text)
{
	struct json *field = &object->fields[object->root.len];

	if (!text)
		return;
	*field = (struct json){.type = type,
			       .key = key,
			       .key_len = (uint32_t)strlen(key),
			       .text = text,
			       .len = (uint32_t)strlen(text)};
	if (object->root.len++)
		field[-1].next = field;
}

enum status teller_count(struct teller *teller, const struct told *told, struct reason *why)
{
	int32_t past = (int32_t)teller->config->counts_retention_days;
	struct object object = {.root = {.type = JSON_OBJECT}};
	struct increment increment;
	struct fault fault = {"", ""};
	char digits[DIGITS];
	enum status status;

	snprintf(digits, sizeof(digits), "%" PRIu64, told->count);
	object.root.child = object.fields;
	add_field(&object, "event_name", JSON_STRING, told->name);
	add_field(&object, "event_id", JSON_STRING, told->id);
	add_field(&object, "count", JSON_NUMBER, digits);
	add_field(&object, "source", JSON_STRING, told->source);
	status = increment_read(&increment, intake_registry(teller->intake), &object.root,
				(int32_t)clock_day(clock_wall_us()), past, &fault);
	if (status != ST_OK)
		return reason_set(why, status, "%s %s", fault.field, fault.text);
	status = intake_count(teller->worker, &increment);
	return status == ST_OK ? ST_OK
			       : reason_set(why, status, "not counted: %s", status_text(status));
}

enum status teller_report(struct teller *teller, const struct told_report *told, struct reason *why)
{
	static const struct grant ours = {.scopes = SCOPE_INGEST};
	const struct intake_request request = {.grant = &ours, .address = told->address};
	struct object object = {.root = {.type = JSON_OBJECT}};
	struct object dimensions = {.root = {.type = JSON_OBJECT}};
	struct reply reply;
	char version[DIGITS];
	enum status status = reply_make(&reply, intake_registry(teller->intake), &teller->entropy,
					told->metric, told->dimensions, why);

	if (status != ST_OK)
		return status;
	const struct measure *m = reply.measure;
	for (size_t i = 0; i < m->dimensions.n; i++)
		add_field(&dimensions, m->dimensions.items[i].name, JSON_STRING, reply.values[i]);
	dimensions.root.child = dimensions.fields;
	snprintf(version, sizeof(version), "%" PRIu64, m->domain_version);
	object.root.child = object.fields;
	add_field(&object, "metric", JSON_STRING, m->name);
	add_field(&object, "domain_version", JSON_NUMBER, version);
	add_field(&object, "dimensions", JSON_OBJECT, "");
	object.fields[2].child = dimensions.fields;
	object.fields[2].len = dimensions.root.len;
	const struct intake_verdict verdict = intake_report(teller->worker, &request, &object.root);
	return verdict.status == ST_OK
		   ? ST_OK
		   : reason_set(why, verdict.status, "%s %s",
				*verdict.fault.field ? verdict.fault.field : "the increment",
				verdict.fault.text ? verdict.fault.text : "could not be kept");
}

enum status teller_budget(struct teller *teller, const char *address, struct buf *out)
{
	const struct intake_request request = {.address = address};
	const struct registry *registry = intake_registry(teller->intake);
	enum status status = ST_OK;
	uint64_t used;

	buf_addc(out, '{');
	for (size_t i = 0; i < registry_size(registry) && status == ST_OK; i++) {
		const struct measure *m = registry_at(registry, i);
		if (m->mechanism == MECHANISM_NONE)
			continue;
		status = intake_used(teller->worker, &request, m, &used);
		if (status == ST_OK)
			allowance_text(out, m, used);
	}
	buf_addc(out, '}');
	return status == ST_OK && !buf_ok(out) ? ST_NO_MEMORY : status;
}
