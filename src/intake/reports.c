/*
 * reports - increments by dimensions, for releases: bounded, cut to the registry's values.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "desk.h"
#include "net.h"

#define BUCKET_MAX 64
#define CLIENT_BYTES 80

/* Who contributes, for the bound alone. */
struct client {
	unsigned char bytes[CLIENT_BYTES];
	size_t len; /* 0: nobody is known, and nothing is taken */
};

struct report {
	const struct measure *measure;
	size_t values[32]; /* a value's index for each dimension */
};

#define DIMENSIONS_MAX (sizeof(((struct report *)0)->values) / sizeof(size_t))

/* An IPv4 address, or an IPv6 /64. */
static void client_of_address(struct client *client, const char *address)
{
	struct net_address read;

	client->len = 0;
	if (!address || !net_address_read(&read, address, strlen(address)))
		return;
	client->len = read.v4 ? 16 : 8;
	memcpy(client->bytes, read.ip, client->len);
}

/* A caller with a token may say whom it counts for, by a name that it makes anew each day. */
static struct intake_verdict
read_client(struct client *client, const struct intake_request *request, const struct json *bucket)
{
	client_of_address(client, request->address);
	if (bucket && !request->grant)
		return desk_refuse(ST_DENIED, "bucket", "needs a token");
	if (bucket && (bucket->type != JSON_STRING || !bucket->len || bucket->len > BUCKET_MAX))
		return desk_refuse(ST_INVALID, "bucket", "is no string of 1 to 64 bytes");
	if (bucket) {
		memcpy(client->bytes, request->grant->id, TOKEN_ID_BYTES);
		memcpy(client->bytes + TOKEN_ID_BYTES, bucket->text, bucket->len);
		client->len = TOKEN_ID_BYTES + bucket->len;
	}
	if (!client->len &&
	    !request->grant) /* who holds a token may name buckets in the increments */
		return desk_refuse(ST_UNAVAILABLE, "", "comes from nowhere that is known");
	return (struct intake_verdict){.status = ST_OK};
}

static struct intake_verdict refuse(const char *field, const char *text)
{
	return desk_refuse(ST_INVALID, field, text);
}

static struct intake_verdict read_metric(struct report *report, const struct registry *registry,
					 const struct json *object, int32_t today)
{
	const struct json *name = json_member(object, "metric");
	const struct json *version = json_member(object, "domain_version");
	char text[64], number[24];
	const char *step;

	if (!name || name->type != JSON_STRING || name->len >= sizeof(text))
		return refuse("metric", "is missing, or not in the registry");
	memcpy(text, name->text, name->len);
	text[name->len] = '\0';
	report->measure = strlen(text) == name->len ? registry_find(registry, text, &step) : NULL;
	if (!report->measure || report->measure->mechanism == MECHANISM_NONE)
		return desk_refuse(ST_NOT_FOUND, "metric",
				   "is not in the registry of what is released");
	if (report->measure->expires <= today)
		return desk_refuse(ST_DENIED, "metric", "has expired");
	snprintf(number, sizeof(number), "%" PRIu64, report->measure->domain_version);
	if (!version || version->type != JSON_NUMBER || strlen(number) != version->len ||
	    memcmp(number, version->text, version->len) != 0)
		return refuse("domain_version", "is not the one in force");
	return (struct intake_verdict){.status = ST_OK};
}

/* Every dimension, each once, and nothing else. */
static struct intake_verdict read_dimensions(struct report *report, const struct json *object)
{
	const struct dimensions *wanted = &report->measure->dimensions;
	const struct json *given = json_member(object, "dimensions");

	if (wanted->n > DIMENSIONS_MAX)
		return refuse("dimensions", "are more than can be counted");
	if (!wanted->n && !given)
		return (struct intake_verdict){.status = ST_OK};
	if (!given || given->type != JSON_OBJECT || given->len != wanted->n)
		return refuse("dimensions", "are not those of the metric");
	for (size_t i = 0; i < wanted->n; i++) {
		const struct json *value = json_member(given, wanted->items[i].name);
		if (!value || value->type != JSON_STRING)
			return refuse("dimensions", "are not those of the metric, as strings");
		report->values[i] = dimension_index(&wanted->items[i], value->text, value->len);
	}
	return (struct intake_verdict){.status = ST_OK};
}

static struct intake_verdict read_fields(const struct json *object)
{
	static const char *const names[] = {"metric", "dimensions", "domain_version", "bucket"};
	enum { NAMES = sizeof(names) / sizeof(*names) };
	bool seen[NAMES] = {false};
	struct fault fault;

	if (object->type != JSON_OBJECT)
		return refuse("", "is no object");
	for (const struct json *m = object->len ? object->child : NULL; m; m = m->next) {
		size_t i = 0;
		while (i < NAMES && (strlen(names[i]) != m->key_len ||
				     memcmp(names[i], m->key, m->key_len) != 0))
			i++;
		if (i == NAMES) {
			(void)increment_unknown(m, &fault);
			return refuse(fault.field, fault.text);
		}
		if (seen[i])
			return refuse(names[i], "is said twice");
		seen[i] = true;
	}
	return (struct intake_verdict){.status = ST_OK};
}

/* The joint cell; of a split domain the bound sees one report, whatever its cells. */
static size_t cell_of(const struct report *report)
{
	size_t cell = 0;

	for (size_t i = 0; i < report->measure->dimensions.n; i++)
		cell = cell * report->measure->dimensions.items[i].values.n + report->values[i];
	return cell;
}

static enum status open_bound(struct intake_worker *worker)
{
	char marker[STATE_PATH_BYTES];

	if (worker->bound)
		return ST_OK;
	state_path(marker, worker->intake->config, STATE_BOUNDED);
	return bound_open(&worker->bound, worker->intake->key_dir, marker, NULL);
}

static struct intake_verdict bounded(struct intake_worker *worker, const struct client *client,
				     const struct report *report, int32_t today)
{
	const struct measure *m = report->measure;
	const struct allowance allowance = {m->cells_per_client, m->per_cell,
					    m->mechanism == MECHANISM_KRR};

	if (open_bound(worker) != ST_OK)
		return desk_refuse(ST_UNAVAILABLE, "",
				   "cannot be bounded, and is not taken therefore");
	switch (bound_take(worker->bound, today, client->bytes, client->len, m->name,
			   (uint32_t)cell_of(report), &allowance)) {
	case ST_OK:
		return (struct intake_verdict){.status = ST_OK};
	case ST_LIMITED:
		return desk_refuse(ST_LIMITED, "metric", "was counted too often today");
	case ST_END:
		return desk_refuse(ST_LIMITED, "metric",
				   "has all of this client that counts today");
	default:
		return desk_refuse(ST_UNAVAILABLE, "",
				   "cannot be bounded, and is not taken therefore");
	}
}

static enum status add_cell(struct intake_worker *worker, const struct report *report, size_t cell,
			    int32_t today)
{
	char day[DAY_BYTES], number[24], terms[TERMS_BYTES];
	const struct tally_cell tallied = {
	    .table = TALLY_REPORTS,
	    .name = report->measure->name,
	    .day = day_text(day, today),
	    .key = number,
	    .source = terms,
	    .count = 1,
	};

	snprintf(number, sizeof(number), "%zu", cell);
	measure_terms(terms, report->measure);
	return desk_add(worker, &tallied);
}

static enum status add_report(struct intake_worker *worker, const struct report *report,
			      int32_t today)
{
	const struct measure *m = report->measure;
	enum status status = ST_OK;
	size_t offset = 0;

	if (m->mechanism != MECHANISM_KRR || m->domain == DOMAIN_JOINT)
		return add_cell(worker, report, cell_of(report), today);
	for (size_t i = 0; i < m->dimensions.n && status == ST_OK; i++) {
		status = add_cell(worker, report, offset + report->values[i], today);
		offset += m->dimensions.items[i].values.n;
	}
	return status;
}

static struct intake_verdict take(struct intake_worker *worker,
				  const struct intake_request *request, const struct client *client,
				  const struct json *object, int32_t today)
{
	struct intake_verdict verdict = read_fields(object);
	const struct json *bucket = verdict.status == ST_OK ? json_member(object, "bucket") : NULL;
	struct client own;
	struct report report;

	if (bucket) {
		verdict = read_client(&own, request, bucket);
		client = &own;
	}
	if (verdict.status == ST_OK && !client->len)
		verdict = desk_refuse(ST_UNAVAILABLE, "", "comes from nowhere that is known");
	if (verdict.status == ST_OK)
		verdict = read_metric(&report, worker->intake->registry, object, today);
	if (verdict.status == ST_OK)
		verdict = read_dimensions(&report, object);
	if (verdict.status == ST_OK && request->grant && *request->grant->subject)
		verdict = desk_refuse(ST_DENIED, "", "has no event_id, and this token is for one");
	if (verdict.status == ST_OK)
		verdict = desk_permit(request, report.measure);
	if (verdict.status == ST_OK)
		verdict = bounded(worker, client, &report, today);
	if (verdict.status == ST_OK && add_report(worker, &report, today) != ST_OK)
		verdict = desk_refuse(ST_FULL, "", "could not be kept");
	explicit_bzero(&own, sizeof(own));
	return verdict;
}

/* {"increments":[...]} and perhaps "bucket". */
static struct intake_verdict read_root(const struct json *root, const struct json **increments,
				       const struct json **bucket)
{
	if (root->type != JSON_OBJECT)
		return refuse("", "is no object with increments");
	*increments = json_member(root, "increments");
	*bucket = json_member(root, "bucket");
	if (!*increments || (*increments)->type != JSON_ARRAY)
		return refuse("increments", "is missing, or no array");
	if (root->len != 1u + (*bucket != NULL))
		return refuse("", "has a field that is not taken");
	if ((*increments)->len > REPORTS_MAX)
		return desk_refuse(ST_TOO_LARGE, "increments", "are more than 100");
	return (struct intake_verdict){.status = ST_OK};
}

void intake_reports(struct intake_worker *worker, const struct intake_request *request,
		    struct intake_verdicts *verdicts)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	const struct json *root, *increments = NULL, *bucket = NULL;
	struct client client;

	*verdicts =
	    (struct intake_verdicts){.whole = desk_read(worker, request, &root), .array = true};
	if (verdicts->whole.status == ST_OK)
		verdicts->whole = read_root(root, &increments, &bucket);
	if (verdicts->whole.status == ST_OK && request->do_not_track)
		verdicts->whole =
		    desk_refuse(ST_DENIED, "", "is not taken from who asks not to be tracked");
	if (verdicts->whole.status == ST_OK)
		verdicts->whole = desk_limit(worker->intake, request, increments->len);
	if (verdicts->whole.status == ST_OK)
		verdicts->whole = read_client(&client, request, bucket);
	if (verdicts->whole.status != ST_OK || !desk_items(worker, verdicts, increments->len))
		return;
	for (const struct json *item = increments->len ? increments->child : NULL; item;
	     item = item->next)
		verdicts->items[verdicts->n++] = take(worker, request, &client, item, today);
	explicit_bzero(&client, sizeof(client));
}

struct intake_verdict intake_report(struct intake_worker *worker,
				    const struct intake_request *request,
				    const struct json *increment)
{
	struct intake_verdict verdict;
	struct client client;

	verdict = read_client(&client, request, NULL);
	if (verdict.status == ST_OK)
		verdict =
		    take(worker, request, &client, increment, (int32_t)clock_day(clock_wall_us()));
	explicit_bzero(&client, sizeof(client));
	return verdict;
}

enum status intake_used(struct intake_worker *worker, const struct intake_request *request,
			const struct measure *measure, uint64_t *used)
{
	struct client client;
	enum status status = open_bound(worker);

	client_of_address(&client, request->address);
	if (status != ST_OK || !client.len)
		return ST_UNAVAILABLE;
	status = bound_used(worker->bound, (int32_t)clock_day(clock_wall_us()), client.bytes,
			    client.len, measure->name, used);
	explicit_bzero(&client, sizeof(client));
	return status;
}
