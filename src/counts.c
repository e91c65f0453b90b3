/*
 * counts - see counts.h.
 */
#include "counts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "counts_reader.h"

const char *const counts_groups[GROUPS] = {
    [GROUP_ALL] = "all",     [GROUP_NAME] = "event_name", [GROUP_DATE] = "event_date",
    [GROUP_ID] = "event_id", [GROUP_SOURCE] = "source",
};

static const enum query queries[GROUPS] = {
    [GROUP_ALL] = QUERY_COUNTS,
    [GROUP_NAME] = QUERY_COUNTS_BY_NAME,
    [GROUP_DATE] = QUERY_COUNTS_BY_DATE,
    [GROUP_ID] = QUERY_COUNTS_BY_ID,
    [GROUP_SOURCE] = QUERY_COUNTS_BY_SOURCE,
};

struct counts_reader {
	const struct config *config;
	struct store *store;
};

enum counts_group counts_group_find(const char *name, size_t len)
{
	unsigned group = 0;

	while (group < GROUPS && (strlen(counts_groups[group]) != len ||
				  memcmp(counts_groups[group], name, len) != 0))
		group++;
	return (enum counts_group)group;
}

enum status counts_reader_new(struct counts_reader **out, const struct config *config)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return ST_NO_MEMORY;
	(*out)->config = config;
	return ST_OK;
}

void counts_reader_free(struct counts_reader *reader)
{
	if (reader)
		store_close(reader->store);
	free(reader);
}

enum status counts_reader_run(struct counts_reader *reader, enum query query,
			      const struct store_value *values, store_row_fn *row, void *context,
			      struct reason *why)
{
	enum status status = ST_OK;

	if (!reader->store)
		status = store_open(&reader->store, reader->config, STORE_READ, why);
	if (status == ST_NOT_FOUND) /* nothing was counted yet */
		return ST_OK;
	if (status == ST_OK)
		status = store_run(reader->store, query, values, row, context, why);
	if (status == ST_UNAVAILABLE) {
		store_close(reader->store);
		reader->store = NULL;
	}
	return status;
}

struct visit {
	counts_row_fn *visit;
	void *context;
};

static enum status take_row(void *context, const char *const *columns)
{
	const struct visit *visit = context;
	const struct counts_row row = {
	    .name = columns[0],
	    .id = columns[1],
	    .date = columns[2],
	    .source = columns[4],
	    .count = columns[3] ? strtoull(columns[3], NULL, 10) : 0,
	};

	visit->visit(visit->context, &row);
	return ST_OK;
}

enum status counts_read(struct counts_reader *reader, const struct counts_question *question,
			counts_row_fn *visit, void *context, struct reason *why)
{
	char from[DAY_BYTES], to[DAY_BYTES];
	const struct store_value values[] = {STORE_TEXT(question->name), STORE_TEXT(question->id),
					     STORE_TEXT(day_text(from, question->from)),
					     STORE_TEXT(day_text(to, question->to))};
	const struct store_value of_id[] = {values[1], values[0], values[2], values[3]};
	struct visit with = {visit, context};

	if (*question->id && question->group == GROUP_ALL)
		return counts_reader_run(reader, QUERY_COUNTS_OF_ID, of_id, take_row, &with, why);
	return counts_reader_run(reader, queries[question->group], values, take_row, &with, why);
}

struct writer {
	struct buf *out;
	const char *comma;
};

static void json_member(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(out, "\"%s\":", name);
	buf_add_json(out, value, strlen(value));
	buf_addc(out, ',');
}

static void json_row(void *context, const struct counts_row *row)
{
	struct writer *writer = context;

	buf_adds(writer->out, writer->comma);
	buf_addc(writer->out, '{');
	json_member(writer->out, "event_name", row->name);
	json_member(writer->out, "event_id", row->id);
	json_member(writer->out, "event_date", row->date);
	json_member(writer->out, "source", row->source);
	buf_addf(writer->out, "\"count\":%" PRIu64 "}", row->count);
	writer->comma = ",";
}

enum status counts_json(struct counts_reader *reader, const struct counts_question *question,
			struct buf *out, struct reason *why)
{
	struct writer writer = {out, ""};
	char from[DAY_BYTES], to[DAY_BYTES];
	enum status status;

	buf_addf(out, "{\"from\":\"%s\",\"to\":\"%s\",\"group_by\":\"%s\",\"rows\":[",
		 day_text(from, question->from), day_text(to, question->to),
		 counts_groups[question->group]);
	status = counts_read(reader, question, json_row, &writer, why);
	buf_adds(out, "]}");
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}

/* Names, ids, dates and sources are of letters that CSV needs no quotes for. */
static void csv_row(void *context, const struct counts_row *row)
{
	buf_addf(context, "%s,%s,%s,%" PRIu64 ",%s\r\n", row->name, row->id ? row->id : "",
		 row->date ? row->date : "", row->count, row->source ? row->source : "");
}

enum status counts_csv(struct counts_reader *reader, const struct counts_question *question,
		       struct buf *out, struct reason *why)
{
	buf_adds(out, "event_name,event_id,event_date,count,source\r\n");
	enum status status = counts_read(reader, question, csv_row, out, why);
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}
