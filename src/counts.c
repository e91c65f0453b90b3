/*
 * counts - see counts.h.
 */
#include "counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts_reader.h"

#define TEXT_BYTES 128 /* a name, an id */
#define PARTS_MAX 3    /* of a sum: within, and either end */

const char *const counts_groups[GROUPS] = {
    [GROUP_ALL] = "all",     [GROUP_NAME] = "event_name", [GROUP_DATE] = "event_date",
    [GROUP_ID] = "event_id", [GROUP_SOURCE] = "source",
};

/* Of what a question is. */
enum extent { OF_ALL, OF_NAME, OF_ID, EXTENTS };

static const enum query queries[GROUPS][EXTENTS] = {
    [GROUP_ALL] = {QUERY_COUNTS, QUERY_COUNTS_OF_NAME, QUERY_COUNTS_OF_ID},
    [GROUP_NAME] = {QUERY_BY_NAME, QUERY_BY_NAME_OF_NAME, QUERY_BY_NAME_OF_ID},
    [GROUP_DATE] = {QUERY_BY_DATE, QUERY_BY_DATE_OF_NAME, QUERY_BY_DATE_OF_ID},
    [GROUP_ID] = {QUERY_BY_ID, QUERY_BY_ID_OF_NAME, QUERY_BY_ID_OF_ID},
    [GROUP_SOURCE] = {QUERY_BY_SOURCE, QUERY_BY_SOURCE_OF_NAME, QUERY_BY_SOURCE_OF_ID},
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
	uint64_t left;
};

static enum status give(struct visit *visit, const struct counts_row *row)
{
	if (!visit->left--)
		return ST_TOO_LARGE;
	visit->visit(visit->context, row);
	return ST_OK;
}

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static enum status take_row(void *context, const char *const *columns)
{
	const struct counts_row row = {
	    .name = columns[0],
	    .id = columns[1],
	    .date = columns[2],
	    .source = columns[4],
	    .count = number(columns[3]),
	};

	return give(context, &row);
}

/* The parts of one sum follow each other: it is held until they are all there. */
struct parts {
	struct visit visit;
	char name[TEXT_BYTES], id[TEXT_BYTES];
	uint64_t count;
};

static enum status give_sum(struct parts *parts)
{
	const struct counts_row row = {.name = parts->name, .id = parts->id, .count = parts->count};

	return *parts->name ? give(&parts->visit, &row) : ST_OK;
}

static enum status take_part(void *context, const char *const *columns)
{
	struct parts *parts = context;
	enum status status = ST_OK;

	if (strcmp(parts->name, columns[0]) || strcmp(parts->id, columns[1])) {
		status = give_sum(parts);
		snprintf(parts->name, TEXT_BYTES, "%s", columns[0]);
		snprintf(parts->id, TEXT_BYTES, "%s", columns[1]);
		parts->count = 0;
	}
	parts->count += number(columns[3]);
	return status;
}

static bool begins_span(int32_t day)
{
	char text[DAY_BYTES];

	day_text(text, day);
	return text[9] == '0' || !strcmp(text + 8, "01");
}

/* The days [*first, *behind) within the question's are whole spans, maybe none. */
static void find_spans(const struct counts_question *question, int32_t *first, int32_t *behind)
{
	for (*first = question->from; !begins_span(*first); ++*first)
		;
	for (*behind = question->to + 1; !begins_span(*behind); --*behind)
		;
	if (*behind < *first)
		*first = *behind = question->from;
}

struct days {
	char from[DAY_BYTES], first[DAY_BYTES], behind[DAY_BYTES], to[DAY_BYTES];
	char first_span[DAY_BYTES], behind_span[DAY_BYTES];
};

static void write_days(struct days *days, const struct counts_question *question)
{
	int32_t first, behind;

	find_spans(question, &first, &behind);
	day_text(days->from, question->from);
	day_text(days->first, first);
	day_text(days->behind, behind);
	day_text(days->to, question->to);
	snprintf(days->first_span, DAY_BYTES, "%.9s", days->first);
	snprintf(days->behind_span, DAY_BYTES, "%.9s", days->behind);
}

/* With sums by span for what lies within, and cells at both ends. */
static enum status read_spans(struct counts_reader *reader, enum query query,
			      const struct counts_question *question, const struct visit *visit,
			      struct reason *why)
{
	struct parts parts = {.visit = *visit};
	struct days days;

	write_days(&days, question);
	const struct store_value values[] = {
	    STORE_TEXT(question->name),	  STORE_TEXT(days.first_span),
	    STORE_TEXT(days.behind_span), STORE_TEXT(days.from),
	    STORE_TEXT(days.first),	  STORE_TEXT(days.behind),
	    STORE_TEXT(days.to),	  STORE_NUMBER((int64_t)(visit->left + 1) * PARTS_MAX),
	};
	enum status status = counts_reader_run(reader, query, values, take_part, &parts, why);
	return status == ST_OK ? give_sum(&parts) : status;
}

enum status counts_read(struct counts_reader *reader, const struct counts_question *question,
			counts_row_fn *visit, void *context, struct reason *why)
{
	enum extent extent = *question->id ? OF_ID : *question->name ? OF_NAME : OF_ALL;
	enum query query = queries[question->group][extent];
	struct visit with = {visit, context, question->rows_max};
	char from[DAY_BYTES], to[DAY_BYTES];

	if (question->group == GROUP_ID && extent != OF_ID)
		return read_spans(reader, query, question, &with, why);
	const struct store_value values[] = {
	    STORE_TEXT(question->id),
	    STORE_TEXT(question->name),
	    STORE_TEXT(day_text(from, question->from)),
	    STORE_TEXT(day_text(to, question->to)),
	    STORE_NUMBER((int64_t)question->rows_max + 1),
	};
	return counts_reader_run(reader, query, extent == OF_ID ? values : values + 1, take_row,
				 &with, why);
}

struct writer {
	struct buf *out;
	const char *comma;
};

/* label: `"event_name":`. No printf here: there are tables of 40,000 rows. */
static void json_member(struct buf *out, const char *label, const char *value)
{
	if (!value)
		return;
	buf_adds(out, label);
	buf_add_json(out, value, strlen(value));
	buf_addc(out, ',');
}

static void json_row(void *context, const struct counts_row *row)
{
	struct writer *writer = context;

	buf_adds(writer->out, writer->comma);
	buf_addc(writer->out, '{');
	json_member(writer->out, "\"event_name\":", row->name);
	json_member(writer->out, "\"event_id\":", row->id);
	json_member(writer->out, "\"event_date\":", row->date);
	json_member(writer->out, "\"source\":", row->source);
	buf_adds(writer->out, "\"count\":");
	buf_addu(writer->out, row->count);
	buf_addc(writer->out, '}');
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
	const char *const before[] = {row->name, row->id, row->date};
	struct buf *out = context;

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		buf_adds(out, before[i] ? before[i] : "");
		buf_addc(out, ',');
	}
	buf_addu(out, row->count);
	buf_addc(out, ',');
	buf_adds(out, row->source ? row->source : "");
	buf_adds(out, "\r\n");
}

enum status counts_csv(struct counts_reader *reader, const struct counts_question *question,
		       struct buf *out, struct reason *why)
{
	buf_adds(out, "event_name,event_id,event_date,count,source\r\n");
	enum status status = counts_read(reader, question, csv_row, out, why);
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}
