/*
 * counts_table - see counts_table.h.
 */
#include "counts_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"

#define BAR_CELLS 24
#define CELL_BYTES 110

static void add_bar(struct buf *out, uint64_t count, uint64_t most)
{
	unsigned cells = (unsigned)((double)count * BAR_CELLS / (double)most + 0.5);

	for (unsigned i = 0; i < (count && !cells ? 1 : cells); i++)
		buf_adds(out, "\xe2\x96\x88"); /* a full block */
}

/* A table is read twice: once for its widths, then to be written. */
struct table {
	struct buf *out;
	uint64_t most;
	int width; /* of what stands left of the count */
};

/* "directory_view  2026-11-20  42  web", without what is summed over. */
static int label(char *text, const struct counts_row *row)
{
	const char *const parts[] = {row->date, row->id, row->source};
	int n = snprintf(text, CELL_BYTES, "%s", row->name);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] && n < CELL_BYTES)
			n += snprintf(text + n, (size_t)(CELL_BYTES - n), "  %s",
				      *parts[i] ? parts[i] : "-");
	return n;
}

static void measure_row(void *context, const struct counts_row *row)
{
	struct table *table = context;
	char text[CELL_BYTES];
	int n = label(text, row);

	table->width = n > table->width ? n : table->width;
	table->most = row->count > table->most ? row->count : table->most;
}

static void print_row(void *context, const struct counts_row *row)
{
	struct table *table = context;
	char text[CELL_BYTES];

	(void)label(text, row);
	buf_addf(table->out, "%-*s  %12" PRIu64 "  ", table->width, text, row->count);
	add_bar(table->out, row->count, table->most);
	buf_addc(table->out, '\n');
}

enum status counts_table(struct counts_reader *reader, const struct counts_question *question,
			 struct buf *out, struct reason *why)
{
	struct table table = {.out = out};
	enum status status = counts_read(reader, question, measure_row, &table, why);

	if (status == ST_OK && !table.most)
		buf_adds(out, "nothing was counted in these days\n");
	else if (status == ST_OK)
		status = counts_read(reader, question, print_row, &table, why);
	return status;
}

/* "2026-11-20  GET /orders/{id}" */
static int endpoint(char *text, size_t size, const struct errors_row *row)
{
	return snprintf(text, size, "%s  %s %.60s", row->day, row->method, row->route);
}

static void measure_endpoint(void *context, const struct errors_row *row)
{
	struct table *table = context;
	char text[CELL_BYTES];
	int n = endpoint(text, sizeof(text), row);

	table->width = n > table->width ? n : table->width;
	table->most = 1;
}

static void print_endpoint(void *context, const struct errors_row *row)
{
	struct table *table = context;
	char text[CELL_BYTES];

	(void)endpoint(text, sizeof(text), row);
	buf_addf(table->out, "%-*s  %10" PRIu64 " requests  %8" PRIu64 " errors  %6.2f %%",
		 table->width, text, row->requests, row->errors,
		 100.0 * (double)row->errors / (double)row->requests);
	for (size_t i = 0; i < row->n; i++)
		if (row->statuses[i].status >= ERROR_FROM)
			buf_addf(table->out, "  %u: %" PRIu64, row->statuses[i].status,
				 row->statuses[i].count);
	buf_addc(table->out, '\n');
}

enum status errors_table(struct counts_reader *reader, const struct counts_question *question,
			 struct buf *out, struct reason *why)
{
	struct table table = {.out = out};
	enum status status = errors_read(reader, question, measure_endpoint, &table, why);

	if (status == ST_OK && !table.most)
		buf_adds(out, "no request was counted in these days\n");
	else if (status == ST_OK)
		status = errors_read(reader, question, print_endpoint, &table, why);
	return status;
}

static void take_sum(void *context, const struct counts_row *row)
{
	*(uint64_t *)context += row->count;
}

static void write_step(struct buf *out, const char *step, uint64_t count, uint64_t first, bool json,
		       bool begins)
{
	double part = first ? (double)count / (double)first : 0;

	if (json) {
		buf_addf(out, "%s{\"step\":\"%s\",\"count\":%" PRIu64 ",\"of_first\":%.6f}",
			 begins ? "" : ",", step, count, part);
		return;
	}
	buf_addf(out, "%-32s  %12" PRIu64 "  %6.1f %%  ", step, count, 100 * part);
	/* A later step may be reached from elsewhere, too: its bar ends where the first one's does.
	 */
	add_bar(out, count < first ? count : first, first ? first : 1);
	buf_addc(out, '\n');
}

enum status steps_table(struct counts_reader *reader, const struct measure *measure,
			const struct counts_question *question, bool json, struct buf *out,
			struct reason *why)
{
	struct counts_question of = *question;
	enum status status = ST_OK;
	char name[CELL_BYTES];
	uint64_t first = 0;

	of.group = GROUP_NAME;
	of.name = name;
	buf_adds(out, json ? "{\"steps\":[" : "");
	for (size_t i = 0; i < measure->steps.n && status == ST_OK; i++) {
		uint64_t count = 0;
		snprintf(name, sizeof(name), "%s.%s", measure->name, measure->steps.items[i]);
		status = counts_read(reader, &of, take_sum, &count, why);
		first = i ? first : count;
		write_step(out, measure->steps.items[i], count, first, json, i == 0);
	}
	buf_adds(out, json ? "]}" : "");
	return status;
}
