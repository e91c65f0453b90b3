/*
 * released - see released.h.
 */
#include "released.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate.h"
#include "clock.h"
#include "day.h"
#include "rollup.h"
#include "snapshot.h"
#include "state.h"
#include "warrant.h"

#define HEALTH_DAYS 30
#define CATCH_UP_DAYS 90

struct released_reader {
	const struct config *config;
	struct registry *registry;
	struct store *store;
};

enum status released_reader_new(struct released_reader **out, const struct config *config)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return ST_NO_MEMORY;
	(*out)->config = config;
	return ST_OK;
}

void released_reader_free(struct released_reader *reader)
{
	if (!reader)
		return;
	store_close(reader->store);
	registry_close(reader->registry);
	free(reader);
}

static enum status open_reader(struct released_reader *reader, struct reason *why)
{
	enum status status = ST_OK;

	if (!*reader->config->counts_registry)
		return reason_set(why, ST_NOT_FOUND, "nothing is counted here");
	if (!reader->registry)
		status = registry_open(&reader->registry, reader->config->counts_registry, why);
	if (status == ST_OK && !reader->store)
		status = store_open(&reader->store, reader->config, STORE_READ, why);
	return status;
}

static void close_lost(struct released_reader *reader, enum status status)
{
	if (status != ST_UNAVAILABLE)
		return;
	store_close(reader->store);
	reader->store = NULL;
}

static const struct measure *find_released(const struct released_reader *reader, const char *metric)
{
	const char *step;
	const struct measure *measure = registry_find(reader->registry, metric, &step);

	return measure && measure->mechanism != MECHANISM_NONE ? measure : NULL;
}

static bool has_dimension(const struct measure *measure, const char *name)
{
	for (size_t i = 0; i < measure->dimensions.n; i++)
		if (strcmp(measure->dimensions.items[i].name, name) == 0)
			return true;
	return false;
}

/* What is asked of the registry's metric: "day" is no dimension of it. */
static enum status translate(struct aggregate_question *out, const struct released_question *asked,
			     const struct measure *measure, const char **fault)
{
	*out = (struct aggregate_question){.metric = measure->name, asked->from, asked->to};
	*fault = "group_by";
	for (size_t i = 0; i < asked->n_groups; i++) {
		if (strcmp(asked->groups[i], "day") == 0)
			out->by_day = true;
		else if (has_dimension(measure, asked->groups[i]))
			out->groups[out->n_groups++] = asked->groups[i];
		else
			return ST_INVALID;
	}
	*fault = "filter";
	for (size_t i = 0; i < asked->n_filters; i++) {
		if (!has_dimension(measure, asked->filter_names[i]))
			return ST_INVALID;
		out->filters[out->n_filters++] =
		    (struct aggregate_filter){asked->filter_names[i], asked->filter_values[i]};
	}
	*fault = NULL;
	return ST_OK;
}

static void write_micro(struct buf *out, const char *name, uint64_t micro)
{
	buf_addf(out, "\"%s\":%" PRIu64 ".%06" PRIu64 ",", name, micro / 1000000, micro % 1000000);
}

/* Parts of 10^12 as a decimal number: 0, or 0.000001. */
static void write_pico(struct buf *out, const char *name, uint64_t pico)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%012" PRIu64, pico);

	while (n > 0 && digits[n - 1] == '0')
		n--;
	buf_addf(out, "\"%s\":0%s%.*s,", name, n ? "." : "", n, digits);
}

static void write_privacy(struct buf *out, const struct aggregate *aggregate)
{
	const struct promise *promise = aggregate_promise(aggregate);

	if (!promise) {
		buf_adds(out, "null");
		return;
	}
	buf_adds(out, "{\"unit\":\"client-day\",");
	write_micro(out, "epsilon", promise->epsilon_micro);
	if (promise->client_epsilon_micro)
		write_micro(out, "client_epsilon", promise->client_epsilon_micro);
	write_pico(out, "delta", promise->delta_pico);
	buf_addf(out,
		 "\"l0\":%" PRIu64 ",\"linf\":%" PRIu64 ",\"mechanism\":\"%s\",\"release_id\":[",
		 promise->l0, promise->linf, promise->mechanism);
	for (size_t i = 0; i < aggregate_releases(aggregate); i++)
		buf_addf(out, "%s\"%s\"", i ? "," : "", aggregate_release(aggregate, i));
	buf_adds(out, "]}");
}

static void write_numbers(struct buf *out, const struct aggregate_row *row)
{
	if (row->hidden)
		buf_adds(out, "\"value\":null,\"lo95\":null,\"hi95\":null,\"hidden\":true}");
	else
		buf_addf(out, "\"value\":%" PRId64 ",\"lo95\":%" PRId64 ",\"hi95\":%" PRId64 "}",
			 row->value, row->lo95, row->hi95);
}

/* The label's parts beside their dimensions' names; values need no escape in JSON or CSV. */
static void write_json_row(struct buf *out, const struct aggregate_question *q,
			   const struct aggregate_row *row)
{
	const char *part = row->label;

	buf_addc(out, '{');
	if (row->day)
		buf_addf(out, "\"day\":\"%s\",", row->day);
	for (size_t i = 0; i < q->n_groups; i++) {
		size_t len = strcspn(part, "|");
		buf_addf(out, "\"%s\":\"%.*s\",", q->groups[i], (int)len, part);
		part += len + (part[len] == '|');
	}
	write_numbers(out, row);
}

static void write_json(struct buf *out, const struct aggregate_question *q,
		       const struct aggregate *aggregate)
{
	char from[DAY_BYTES], to[DAY_BYTES];

	buf_addf(out, "{\"metric\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",", q->metric,
		 day_text(from, q->from), day_text(to, q->to));
	buf_adds(out, "\"privacy\":");
	write_privacy(out, aggregate);
	buf_adds(out, ",\"cells\":[");
	for (size_t i = 0; i < aggregate_rows(aggregate); i++) {
		const struct aggregate_row row = aggregate_row(aggregate, i);
		if (i)
			buf_addc(out, ',');
		write_json_row(out, q, &row);
	}
	buf_adds(out, "]}");
}

static void write_csv_row(struct buf *out, const struct aggregate_question *q,
			  const struct aggregate_row *row)
{
	if (q->by_day)
		buf_addf(out, "%s,", row->day);
	for (const char *c = row->label; q->n_groups && *c; c++)
		buf_addc(out, *c == '|' ? ',' : *c);
	if (q->n_groups)
		buf_addc(out, ',');
	if (row->hidden)
		buf_adds(out, ",,\r\n");
	else
		buf_addf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 "\r\n", row->value, row->lo95,
			 row->hi95);
}

static void write_csv(struct buf *out, const struct aggregate_question *q,
		      const struct aggregate *aggregate)
{
	buf_adds(out, q->by_day ? "day," : "");
	for (size_t i = 0; i < q->n_groups; i++)
		buf_addf(out, "%s,", q->groups[i]);
	buf_adds(out, "value,lo95,hi95\r\n");
	for (size_t i = 0; i < aggregate_rows(aggregate); i++) {
		const struct aggregate_row row = aggregate_row(aggregate, i);
		write_csv_row(out, q, &row);
	}
}

enum status released_answer(struct released_reader *reader,
			    const struct released_question *question, struct buf *out,
			    struct buf *promise, const char **fault, struct reason *why)
{
	struct aggregate *aggregate = NULL;
	struct aggregate_question q;
	enum status status = open_reader(reader, why);

	*fault = NULL;
	if (status != ST_OK)
		return status;
	const struct measure *measure = find_released(reader, question->metric);
	if (!measure)
		return ST_NOT_FOUND;
	status = translate(&q, question, measure, fault);
	if (status == ST_OK)
		status = aggregate_make(&aggregate, reader->store, &q, fault, why);
	if (status == ST_OK && question->csv) {
		write_privacy(promise, aggregate);
		write_csv(out, &q, aggregate);
	} else if (status == ST_OK) {
		write_json(out, &q, aggregate);
	}
	aggregate_free(aggregate);
	close_lost(reader, status);
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}

static enum status write_health(struct released_reader *reader, const struct measure *measure,
				struct buf *out, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	struct aggregate_question q = {.metric = measure->name, today - HEALTH_DAYS, today - 1};
	struct aggregate *aggregate;
	const char *fault;
	enum status status = aggregate_make(&aggregate, reader->store, &q, &fault, why);

	if (status != ST_OK)
		return status;
	buf_addf(out, "{\"metric\":\"%s\",\"days\":%zu,", measure->name,
		 aggregate_releases(aggregate));
	buf_adds(out, "\"privacy\":");
	write_privacy(out, aggregate);
	buf_addc(out, ',');
	struct aggregate_row row = {.hidden = true};
	if (aggregate_rows(aggregate))
		row = aggregate_row(aggregate, 0);
	write_numbers(out, &row);
	aggregate_free(aggregate);
	return ST_OK;
}

enum status released_health(struct released_reader *reader, struct buf *out, struct reason *why)
{
	enum status status = open_reader(reader, why);
	const char *comma = "";

	if (status != ST_OK)
		return status;
	buf_adds(out, "{\"metrics\":[");
	for (size_t i = 0; i < registry_size(reader->registry) && status == ST_OK; i++) {
		const struct measure *measure = registry_at(reader->registry, i);
		if (measure->mechanism == MECHANISM_NONE)
			continue;
		buf_adds(out, comma);
		status = write_health(reader, measure, out, why);
		comma = ",";
	}
	buf_adds(out, "]}");
	close_lost(reader, status);
	return status;
}

/* What still waits in the tallies belongs to its day. */
static enum status empty_tallies(const struct config *config, struct reason *why)
{
	struct tally_drained drained;
	struct rollup *rollup;
	enum status status = rollup_open(&rollup, config, why);

	if (status != ST_OK)
		return status;
	status = rollup_once(rollup, &drained, why);
	rollup_close(rollup);
	return status;
}

static enum status take(const struct config *config, struct registry *registry, int32_t day,
			struct snapshot_done *done, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us()), from = day, to = day;
	char journal[STATE_PATH_BYTES];
	struct store *store;
	enum status status = store_open(&store, config, STORE_WRITE, why);

	if (status != ST_OK)
		return status;
	warrant_dir(journal, config);
	if (day == DAY_NEVER) {
		to = today - 1;
		status = snapshot_due(store, registry, today, CATCH_UP_DAYS, &from, why);
	}
	if (status == ST_OK)
		status = snapshot_take(store, registry, journal, from, to, today, done, why);
	store_close(store);
	return status;
}

enum status released_snapshot(const struct config *config, int32_t day, struct released_job *job,
			      struct reason *why)
{
	struct snapshot_done done = {0};
	struct registry *registry;
	enum status status;

	*job = (struct released_job){0};
	if (!*config->counts_registry)
		return reason_set(why, ST_NOT_FOUND,
				  "counts.registry is not set: nothing is counted");
	status = registry_open(&registry, config->counts_registry, why);
	if (status != ST_OK)
		return status;
	status = empty_tallies(config, why);
	if (status == ST_OK)
		status = take(config, registry, day, &done, why);
	registry_close(registry);
	*job = (struct released_job){done.made, done.there, done.refused, done.shut};
	return status;
}

enum status released_warrant(const struct config *config, bool restored, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	char journal[STATE_PATH_BYTES];
	struct store *store;
	enum status status =
	    empty_tallies(config, why); /* what they hold of days to be shut goes, too */

	if (status == ST_OK)
		status = store_open(&store, config, STORE_WRITE, why);
	if (status != ST_OK)
		return status;
	warrant_dir(journal, config);
	status = restored ? warrant_restored(store, journal, today - 1, why)
			  : warrant_moved(store, journal, why);
	store_close(store);
	return status;
}
