/*
 * errors - see errors.h.
 */
#include "errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts_reader.h"

struct gathering {
	struct errors_row row;
	errors_row_fn *visit;
	void *context;
};

/* A row is whole when the next endpoint begins. */
static void pass_on(struct gathering *gathering)
{
	if (gathering->row.requests)
		gathering->visit(gathering->context, &gathering->row);
	gathering->row = (struct errors_row){.requests = 0};
}

static enum status take_line(void *context, const char *const *columns)
{
	struct gathering *gathering = context;
	struct errors_row *row = &gathering->row;
	unsigned status = (unsigned)strtoul(columns[3], NULL, 10);
	uint64_t count = strtoull(columns[4], NULL, 10);

	if (strcmp(row->day, columns[0]) || strcmp(row->method, columns[1]) ||
	    strcmp(row->route, columns[2]))
		pass_on(gathering);
	snprintf(row->day, sizeof(row->day), "%s", columns[0]);
	snprintf(row->method, sizeof(row->method), "%s", columns[1]);
	snprintf(row->route, sizeof(row->route), "%s", columns[2]);
	row->requests += count;
	row->errors += status >= ERROR_FROM ? count : 0;
	if (row->n < ERRORS_STATUSES_MAX) {
		row->statuses[row->n].status = status;
		row->statuses[row->n++].count = count;
	}
	return ST_OK;
}

enum status errors_read(struct counts_reader *reader, const struct counts_question *question,
			errors_row_fn *visit, void *context, struct reason *why)
{
	struct gathering gathering = {.visit = visit, .context = context};
	char from[DAY_BYTES], to[DAY_BYTES];
	const struct store_value values[] = {STORE_TEXT(day_text(from, question->from)),
					     STORE_TEXT(day_text(to, question->to))};
	enum status status =
	    counts_reader_run(reader, QUERY_ROUTE_DAYS, values, take_line, &gathering, why);

	pass_on(&gathering);
	return status;
}

struct writer {
	struct buf *out;
	const char *comma;
};

static void json_row(void *context, const struct errors_row *row)
{
	struct writer *writer = context;
	struct buf *out = writer->out;

	buf_addf(out, "%s{\"event_date\":\"%s\",\"method\":\"%s\",\"route\":", writer->comma,
		 row->day, row->method);
	buf_add_json(out, row->route, strlen(row->route));
	buf_addf(out,
		 ",\"requests\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"rate\":%.6f,\"statuses\":{",
		 row->requests, row->errors, (double)row->errors / (double)row->requests);
	for (size_t i = 0; i < row->n; i++)
		buf_addf(out, "%s\"%u\":%" PRIu64, i ? "," : "", row->statuses[i].status,
			 row->statuses[i].count);
	buf_adds(out, "}}");
	writer->comma = ",";
}

enum status errors_json(struct counts_reader *reader, const struct counts_question *question,
			struct buf *out, struct reason *why)
{
	struct writer writer = {out, ""};
	char from[DAY_BYTES], to[DAY_BYTES];
	enum status status;

	buf_addf(out, "{\"from\":\"%s\",\"to\":\"%s\",\"rows\":[", day_text(from, question->from),
		 day_text(to, question->to));
	status = errors_read(reader, question, json_row, &writer, why);
	buf_adds(out, "]}");
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}

/* A route is somebody's template: quoted, with its quotes doubled. */
static void csv_quote(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static void csv_row(void *context, const struct errors_row *row)
{
	struct buf *out = context;

	for (size_t i = 0; i < row->n; i++) {
		buf_addf(out, "%s,%s,", row->day, row->method);
		csv_quote(out, row->route);
		buf_addf(out, ",%u,%" PRIu64 ",%.6f\r\n", row->statuses[i].status,
			 row->statuses[i].count,
			 (double)row->statuses[i].count / (double)row->requests);
	}
}

enum status errors_csv(struct counts_reader *reader, const struct counts_question *question,
		       struct buf *out, struct reason *why)
{
	buf_adds(out, "event_date,method,route,status,count,rate\r\n");
	enum status status = errors_read(reader, question, csv_row, out, why);
	return status == ST_OK && !buf_ok(out) ? ST_TOO_LARGE : status;
}
