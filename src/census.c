/*
 * census - see census.h.
 */
#include "census.h"

#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "source.h"
#include "thing.h"

#define CELLS_MAX 1000000
#define COUNT_DIGITS 18
#define CELL_VALUES 5

struct cell {
	char id[THING_BYTES];
	const char *source; /* the registry's */
	int64_t count;
};

/* One metric being taken. */
struct taking {
	const struct measure *measure;
	const char *day;
	struct cells {
		size_t n, room;
		struct cell *items;
	} now, before;
};

static int by_cell(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->source, y->source);
}

static enum status add(struct cells *cells, const struct cell *cell)
{
	if (cells->n == CELLS_MAX)
		return ST_TOO_LARGE;
	if (cells->n == cells->room) {
		size_t room = cells->room ? 2 * cells->room : 64;
		struct cell *more = realloc(cells->items, room * sizeof(*more));
		if (!more)
			return ST_NO_MEMORY;
		cells->items = more;
		cells->room = room;
	}
	cells->items[cells->n++] = *cell;
	return ST_OK;
}

/* Sorted, and one of each. */
static void settle(struct cells *cells)
{
	size_t kept = 0;

	if (!cells->n)
		return;
	qsort(cells->items, cells->n, sizeof(*cells->items), by_cell);
	for (size_t i = 1; i < cells->n; i++) {
		if (by_cell(&cells->items[kept], &cells->items[i]) == 0)
			cells->items[kept].count += cells->items[i].count;
		else
			cells->items[++kept] = cells->items[i];
	}
	cells->n = kept + 1;
}

static bool read_count(int64_t *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (!len || len > COUNT_DIGITS || strspn(text, "0123456789") != len)
		return false;
	*out = strtoll(text, NULL, 10);
	return true;
}

/* The registry's own text; "" for NULL, and NULL where it declares no such source. */
static const char *read_source(const struct measure *measure, const char *text)
{
	for (size_t i = 0; text && i < measure->sources.n; i++)
		if (!strcmp(measure->sources.items[i], text))
			return measure->sources.items[i];
	return text ? NULL : "";
}

static enum status take_row(void *context, const struct source_row *row, struct reason *why)
{
	struct taking *taking = context;
	const struct measure *m = taking->measure;
	const char *id = row->event_id ? row->event_id : "";
	struct cell cell = {.source = read_source(m, row->source)};
	enum status status;

	if (!thing_read(cell.id, m->event_id, id, strlen(id)))
		return reason_set(why, ST_INVALID, "an event_id is not of the declared kind");
	if (!cell.source)
		return reason_set(why, ST_INVALID, "a source is not declared");
	if (!read_count(&cell.count, row->count))
		return reason_set(why, ST_INVALID, "a count is no whole number from 0");
	status = add(&taking->now, &cell);
	return status == ST_OK ? ST_OK : reason_set(why, status, "%s", status_text(status));
}

static enum status take_before(void *context, const char *const *columns)
{
	struct taking *taking = context;
	struct cell cell = {.source = read_source(taking->measure, columns[1])};

	if (!*columns[1])
		cell.source = "";
	/* A source that is not declared any more has ended, and so has its standing. */
	if (!cell.source ||
	    !thing_read(cell.id, taking->measure->event_id, columns[0], strlen(columns[0])))
		return ST_OK;
	cell.count = strtoll(columns[2], NULL, 10);
	return add(&taking->before, &cell);
}

static enum status take_day(void *context, const char *const *columns)
{
	if (columns[0])
		memcpy(context, columns[0], DAY_BYTES);
	return ST_OK;
}

/* By how much one cell changed, in the direction that is counted. */
static int64_t change(const struct taking *taking, int64_t before, int64_t now)
{
	int64_t by = taking->measure->from_change == CHANGE_UP ? now - before : before - now;

	return by > 0 ? by : 0;
}

/* Both sorted: walk them together, as when merging. */
static enum status compare(const struct taking *taking, struct cells *out)
{
	const struct cells *now = &taking->now, *before = &taking->before;
	enum status status = ST_OK;
	size_t i = 0, k = 0;

	while ((i < now->n || k < before->n) && status == ST_OK) {
		int order = i == now->n	     ? 1
			    : k == before->n ? -1
					     : by_cell(&now->items[i], &before->items[k]);
		struct cell cell = order <= 0 ? now->items[i] : before->items[k];
		cell.count = change(taking, order >= 0 ? before->items[k].count : 0,
				    order <= 0 ? now->items[i].count : 0);
		if (cell.count)
			status = add(out, &cell);
		i += order <= 0;
		k += order >= 0;
	}
	return status;
}

static enum status put(struct store *store, enum query query, const struct taking *taking,
		       const struct cells *cells, bool standing, struct reason *why)
{
	struct store_value *values = malloc((cells->n + 1) * CELL_VALUES * sizeof(*values));
	enum status status;
	size_t n = 0;

	if (!values)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (size_t i = 0; i < cells->n; i++) {
		if (!cells->items[i].count && !standing)
			continue;
		struct store_value *value = values + n++ * CELL_VALUES;
		value[0] = STORE_TEXT(taking->measure->name);
		value[1] = STORE_TEXT(taking->day);
		value[2] = STORE_TEXT(cells->items[i].id);
		value[3] = STORE_TEXT(cells->items[i].source);
		value[4] = STORE_NUMBER(cells->items[i].count);
	}
	status = store_many(store, query, values, n, why);
	free(values);
	return status;
}

/* What is counted of a standing: kept in out; the standing itself goes to the store. */
static enum status keep_standing(struct store *store, struct taking *taking, struct cells *out,
				 struct reason *why)
{
	const struct store_value which[] = {STORE_TEXT(taking->measure->name),
					    STORE_TEXT(taking->day)};
	struct store_value last[] = {which[0], which[1]};
	char day[DAY_BYTES] = "";
	enum status status = store_run(store, QUERY_STATE_LAST, which, take_day, day, why);

	if (status == ST_OK)
		status = store_run(store, QUERY_STATE_DAY_ADD, which, NULL, NULL, why);
	if (status == ST_OK)
		status = store_run(store, QUERY_STATES_CLEAR, which, NULL, NULL, why);
	if (status == ST_OK)
		status = put(store, QUERY_STATE_ADD, taking, &taking->now, true, why);
	if (status != ST_OK || !*day)
		return status;
	last[1] = STORE_TEXT(day);
	status = store_run(store, QUERY_STATES, last, take_before, taking, why);
	settle(&taking->before);
	return status == ST_OK ? compare(taking, out) : status;
}

/* Within the transaction. */
static enum status keep(struct store *store, struct taking *taking, uint64_t *cells,
			struct reason *why)
{
	const struct store_value which[] = {STORE_TEXT(taking->measure->name),
					    STORE_TEXT(taking->day)};
	struct cells changed = {0};
	const struct cells *counted = &taking->now;
	enum status status = ST_OK;

	if (taking->measure->from_change != CHANGE_NONE) {
		status = keep_standing(store, taking, &changed, why);
		counted = &changed;
	}
	if (status == ST_OK)
		status = store_run(store, QUERY_COUNT_CLEAR, which, NULL, NULL, why);
	if (status == ST_OK)
		status = put(store, QUERY_COUNT_SET, taking, counted, false, why);
	*cells = counted->n;
	free(changed.items);
	return status;
}

static enum status take(struct store *store, struct source *source, const struct measure *measure,
			const char *day, uint64_t *cells, struct reason *why)
{
	struct taking taking = {.measure = measure, .day = day};
	enum status status = source_select(source, measure->from_sql, day, take_row, &taking, why);

	if (status == ST_OK) {
		settle(&taking.now);
		status = store_begin(store, true, why);
	}
	if (status == ST_OK) {
		status = keep(store, &taking, cells, why);
		if (status == ST_OK)
			status = store_commit(store, why);
		else
			store_rollback(store);
	}
	if (status != ST_OK && why && !*why->text)
		(void)reason_set(why, status, "%s", status_text(status));
	free(taking.now.items);
	free(taking.before.items);
	return status;
}

enum status census_take(struct store *store, const struct registry *registry, const char *url,
			int32_t day, struct census_done *done, struct reason *why)
{
	struct source *source;
	char text[DAY_BYTES];
	enum status first = source_open(&source, url, why);

	*done = (struct census_done){0};
	if (first != ST_OK) {
		reason_prefix(why, "counts.database_url");
		return first;
	}
	day_text(text, day);
	for (size_t i = 0; i < registry_size(registry); i++) {
		const struct measure *measure = registry_at(registry, i);
		struct reason wrong = {""};
		uint64_t cells = 0;
		if (!*measure->from_sql || measure->expires <= day)
			continue;
		enum status status = take(store, source, measure, text, &cells, &wrong);
		done->metrics += status == ST_OK;
		done->cells += cells;
		if (status != ST_OK && first == ST_OK)
			first = reason_set(why, status, "%s: %s", measure->name, wrong.text);
	}
	source_close(source);
	return first;
}
