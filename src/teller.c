/*
 * teller - see teller.h.
 */
#include "teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "domain.h"
#include "intake.h"
#include "krr.h"

#define FIELDS_MAX 8 /* as many dimensions a metric may have */
#define DIGITS 24

struct teller {
	const struct config *config;
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
	status = intake_open(&teller->intake, config, NULL, config->identity_key_dir, why);
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

/* The value of "name=" among the pairs; each name once, and none that there is not. */
static const char *pair_value(const char *const *pairs, const char *name)
{
	size_t len = strlen(name);

	for (; pairs && *pairs; pairs++)
		if (strncmp(*pairs, name, len) == 0 && (*pairs)[len] == '=')
			return *pairs + len + 1;
	return NULL;
}

/* The joint answer, or one for each dimension, as values again. */
static enum status answer(struct teller *teller, const struct measure *m, size_t *values)
{
	enum status status = ST_OK;

	if (!teller->entropy)
		status = entropy_open(&teller->entropy);
	if (status != ST_OK)
		return status;
	if (domain_is_split(m)) {
		for (size_t i = 0; i < m->dimensions.n; i++)
			values[i] = krr_draw(teller->entropy, (uint32_t)values[i],
					     (uint32_t)m->dimensions.items[i].values.n,
					     m->client_epsilon / m->dimensions.n);
	} else {
		size_t cell = krr_draw(teller->entropy, (uint32_t)domain_index(m, values),
				       (uint32_t)domain_cells(m), m->client_epsilon);
		for (size_t i = m->dimensions.n; i > 0; i--) {
			values[i - 1] = cell % m->dimensions.items[i - 1].values.n;
			cell /= m->dimensions.items[i - 1].values.n;
		}
	}
	return entropy_ok(teller->entropy) ? ST_OK : ST_IO;
}

/* The dimensions as the registry's own values, answered at random where it says so. */
static enum status read_pairs(struct teller *teller, struct object *out, const struct measure *m,
			      const char *const *pairs, struct reason *why)
{
	size_t values[FIELDS_MAX], given = 0;
	enum status status = ST_OK;

	while (pairs && pairs[given])
		given++;
	if (m->dimensions.n > FIELDS_MAX || given != m->dimensions.n)
		return reason_set(why, ST_INVALID, "dimensions are not those of the metric");
	for (size_t i = 0; i < m->dimensions.n; i++) {
		const char *text = pair_value(pairs, m->dimensions.items[i].name);
		if (!text)
			return reason_set(why, ST_INVALID,
					  "dimensions are not those of the metric");
		values[i] = dimension_index(&m->dimensions.items[i], text, strlen(text));
	}
	if (m->mechanism == MECHANISM_KRR)
		status = answer(teller, m, values);
	if (status != ST_OK)
		return reason_set(why, status, "no randomness: nothing is counted");
	for (size_t i = 0; i < m->dimensions.n; i++)
		add_field(out, m->dimensions.items[i].name, JSON_STRING,
			  m->dimensions.items[i].values.items[values[i]]);
	return ST_OK;
}

enum status teller_report(struct teller *teller, const struct told_report *told, struct reason *why)
{
	static const struct grant ours = {.scopes = SCOPE_INGEST};
	const struct intake_request request = {.grant = &ours, .address = told->address};
	struct object object = {.root = {.type = JSON_OBJECT}};
	struct object dimensions = {.root = {.type = JSON_OBJECT}};
	const char *step;
	const struct measure *m =
	    registry_find(intake_registry(teller->intake), told->metric, &step);
	char version[DIGITS];

	if (!m || m->mechanism == MECHANISM_NONE)
		return reason_set(why, ST_NOT_FOUND,
				  "metric is not in the registry of what is released");
	enum status status = read_pairs(teller, &dimensions, m, told->dimensions, why);
	if (status != ST_OK)
		return status;
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
