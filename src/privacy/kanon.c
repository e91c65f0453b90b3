/*
 * kanon - see kanon.h.
 */
#include "kanon.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "day.h"

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)
#define ID_BYTES 17

/* The smallest cell that is not hidden yet; n: all are. */
static size_t smallest(const struct kanon_cell *cells, size_t n)
{
	size_t at = n;

	for (size_t i = 0; i < n; i++)
		if (!cells[i].hidden && (at == n || cells[i].count < cells[at].count))
			at = i;
	return at;
}

bool kanon_hide(struct kanon_cell *cells, size_t n)
{
	uint64_t hidden = 0, sum = 0, total = 0;

	for (size_t i = 0; i < n; i++) {
		cells[i].hidden = cells[i].count < KANON_THRESHOLD;
		hidden += cells[i].hidden;
		sum += cells[i].hidden ? cells[i].count : 0;
		total += cells[i].count;
	}
	while (hidden && (hidden < 2 || sum < KANON_THRESHOLD)) {
		size_t next = smallest(cells, n);
		if (next == n)
			return false;
		cells[next].hidden = true;
		sum += cells[next].count;
		hidden++;
	}
	return total >= KANON_THRESHOLD;
}

struct line {
	size_t n, room;
	struct kanon_cell *cells;
};

static void line_free(struct line *line)
{
	for (size_t i = 0; i < line->n; i++)
		free((char *)(uintptr_t)line->cells[i].id);
	free(line->cells);
}

static enum status take_cell(void *context, const char *const *columns)
{
	struct line *line = context;

	if (line->n == line->room) {
		size_t room = line->room ? 2 * line->room : 64;
		struct kanon_cell *more = realloc(line->cells, room * sizeof(*more));
		if (!more)
			return ST_NO_MEMORY;
		line->cells = more;
		line->room = room;
	}
	char *id = strdup(columns[0]);
	if (!id)
		return ST_NO_MEMORY;
	line->cells[line->n++] =
	    (struct kanon_cell){.id = id, .count = strtoull(columns[1], NULL, 10)};
	return ST_OK;
}

/* "42=17,43=9": what is not hidden, and its sum with what is. */
static int64_t write_line(struct line *line, struct buf *out)
{
	bool told = kanon_hide(line->cells, line->n);
	uint64_t total = 0;

	for (size_t i = 0; i < line->n; i++) {
		total += line->cells[i].count;
		if (!line->cells[i].hidden)
			buf_addf(out, "%s%s=%" PRIu64, out->len ? "," : "", line->cells[i].id,
				 line->cells[i].count);
	}
	buf_addc(out, '\0');
	return told ? (int64_t)total : -1;
}

/* Within the transaction. */
static enum status make(struct store *store, const char *name, const char *day, const char *id,
			unsigned *made, struct reason *why)
{
	struct store_value values[] = {STORE_TEXT(name), STORE_TEXT(day),
				       STORE_TEXT(id),	 STORE_NUMBER(KANON_THRESHOLD),
				       STORE_NUMBER(-1), STORE_TEXT("")};
	struct line line = {0};
	enum status status = store_run(store, QUERY_TABLE_CELLS, values, take_cell, &line, why);
	struct buf cells;

	buf_init(&cells, TEXT_BYTES);
	values[4] = STORE_NUMBER(write_line(&line, &cells));
	if (status == ST_OK && !buf_ok(&cells))
		status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (status == ST_OK) {
		values[5] = STORE_TEXT(cells.data);
		status = store_run(store, QUERY_TABLE_ADD, values, NULL, NULL, why);
		*made += status == ST_OK && store_changed(store);
	}
	buf_free(&cells);
	line_free(&line);
	return status;
}

static enum status make_days(struct store *store, const char *name, int32_t from, int32_t to,
			     struct entropy *entropy, unsigned *made, struct reason *why)
{
	char text[DAY_BYTES], id[ID_BYTES];
	enum status status = ST_OK;

	for (int32_t day = from; day <= to && status == ST_OK; day++) {
		snprintf(id, sizeof(id), "%016" PRIx64, entropy_u64(entropy));
		status = entropy_ok(entropy)
			     ? make(store, name, day_text(text, day), id, made, why)
			     : reason_set(why, ST_IO, "no randomness: nothing is released");
	}
	return status;
}

enum status table_release_make(struct store *store, const char *event_name, int32_t from,
			       int32_t to, struct entropy *entropy, unsigned *made,
			       struct reason *why)
{
	enum status status = store_begin(store, false, why);

	*made = 0;
	if (status != ST_OK)
		return status;
	status = make_days(store, event_name, from, to, entropy, made, why);
	if (status == ST_OK)
		return store_commit(store, why);
	store_rollback(store);
	return status;
}

struct table_release {
	const char *day, *id;
	int64_t total;
	size_t n;
	struct kanon_cell *cells;
};

struct reading {
	table_visit_fn *visit;
	void *context;
};

/* Cuts the text up in place. */
static void read_cells(struct table_release *table, char *text)
{
	char *rest = text, *cell;

	while (*text && (cell = strsep(&rest, ",")) != NULL) {
		char *equals = strchr(cell, '=');
		if (!equals)
			continue;
		*equals = '\0';
		table->cells[table->n++] =
		    (struct kanon_cell){.id = cell, .count = strtoull(equals + 1, NULL, 10)};
	}
}

static enum status take_table(void *context, const char *const *columns)
{
	const struct reading *reading = context;
	struct table_release table = {.day = columns[0], .id = columns[1]};
	char *text = strdup(columns[4]);
	enum status status = ST_NO_MEMORY;
	size_t most = 1;

	for (const char *c = columns[4]; *c; c++)
		most += *c == ',';
	table.total = strtoll(columns[3], NULL, 10);
	table.cells = calloc(most, sizeof(*table.cells));
	if (text && table.cells) {
		read_cells(&table, text);
		status = reading->visit(reading->context, &table);
	}
	free(text);
	free(table.cells);
	return status;
}

enum status table_release_read(struct store *store, const char *event_name, int32_t from,
			       int32_t to, table_visit_fn *visit, void *context, struct reason *why)
{
	struct reading reading = {visit, context};
	char first[DAY_BYTES], last[DAY_BYTES];
	const struct store_value values[] = {STORE_TEXT(event_name),
					     STORE_TEXT(day_text(first, from)),
					     STORE_TEXT(day_text(last, to))};

	return store_run(store, QUERY_TABLES, values, take_table, &reading, why);
}

const char *table_day(const struct table_release *table)
{
	return table->day;
}

const char *table_id(const struct table_release *table)
{
	return table->id;
}

int64_t table_total(const struct table_release *table)
{
	return table->total;
}

size_t table_size(const struct table_release *table)
{
	return table->n;
}

struct kanon_cell table_cell(const struct table_release *table, size_t i)
{
	return table->cells[i];
}
