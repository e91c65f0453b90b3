/*
 * rollup - see rollup.h.
 */
#include "rollup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "day.h"
#include "state.h"
#include "store.h"
#include "warrant.h"

#define CELL_VALUES 5

struct rollup {
	const struct config *config;
	struct store *store; /* NULL: not open */
	int32_t kept_house;  /* the day when old counts were removed last */
	char directory[STATE_PATH_BYTES];
};

enum status rollup_open(struct rollup **out, const struct config *config, struct reason *why)
{
	struct rollup *rollup = calloc(1, sizeof(*rollup));

	*out = rollup;
	if (!rollup)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	rollup->config = config;
	state_path(rollup->directory, config, STATE_TALLY);
	return ST_OK;
}

void rollup_close(struct rollup *rollup)
{
	if (!rollup)
		return;
	store_close(rollup->store);
	free(rollup);
}

static const enum query queries[] = {
    [TALLY_COUNTS] = QUERY_COUNT_ADD,
    [TALLY_REPORTS] = QUERY_REPORT_ADD,
};

/* In one order everywhere, so that two that write the same cells never wait for each other. */
static int by_cell(const void *a, const void *b)
{
	const struct tally_cell *x = a, *y = b;
	int order = (int)x->table - (int)y->table;

	order = order ? order : strcmp(x->name, y->name);
	order = order ? order : strcmp(x->day, y->day);
	order = order ? order : strcmp(x->key, y->key);
	return order ? order : strcmp(x->source, y->source);
}

static enum status add_cells(struct store *store, struct tally_cell *cells, size_t n,
			     struct reason *why)
{
	struct store_value *values = malloc(n * CELL_VALUES * sizeof(*values));
	enum status status = ST_OK;

	if (!values)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	qsort(cells, n, sizeof(*cells), by_cell);
	for (size_t i = 0; i < n; i++) {
		struct store_value *value = values + i * CELL_VALUES;
		value[0] = STORE_TEXT(cells[i].name);
		value[1] = STORE_TEXT(cells[i].day);
		value[2] = STORE_TEXT(cells[i].key);
		value[3] = STORE_TEXT(cells[i].source);
		value[4] = STORE_NUMBER((int64_t)cells[i].count);
	}
	for (size_t from = 0, to; from < n && status == ST_OK; from = to) {
		for (to = from; to < n && cells[to].table == cells[from].table; to++)
			;
		status = store_many(store, queries[cells[from].table], values + from * CELL_VALUES,
				    to - from, why);
	}
	free(values);
	return status;
}

/* The batch's number and its cells, in one transaction: all of it once, or nothing. */
static enum status apply(void *context, const char *lane, uint64_t batch,
			 const struct tally_cell *cells, size_t n, struct reason *why)
{
	struct store_value number[] = {STORE_TEXT(lane), STORE_NUMBER((int64_t)batch)};
	struct rollup *rollup = context;
	struct tally_cell *sorted;
	enum status status = store_begin(rollup->store, true, why);

	if (status != ST_OK)
		return status;
	sorted = malloc(n * sizeof(*sorted));
	status = sorted ? store_run(rollup->store, QUERY_BATCH, number, NULL, NULL, why)
			: reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (status == ST_OK && store_changed(rollup->store)) {
		memcpy(sorted, cells, n * sizeof(*sorted));
		status = add_cells(rollup->store, sorted, n, why);
	}
	free(sorted);
	if (status == ST_OK)
		return store_commit(rollup->store, why);
	store_rollback(rollup->store);
	return status;
}

static enum status remove_before(struct store *store, const char *oldest, uint64_t *removed,
				 struct reason *why)
{
	static const enum query expiries[] = {QUERY_COUNTS_EXPIRE,	QUERY_STATES_EXPIRE,
					      QUERY_STATE_DAYS_EXPIRE,	QUERY_ROUTE_DAYS_EXPIRE,
					      QUERY_ROUTE_LOOKS_EXPIRE, QUERY_REPORTS_EXPIRE};
	enum status status = ST_OK;

	*removed = 0;
	for (size_t i = 0; i < sizeof(expiries) / sizeof(*expiries) && status == ST_OK; i++) {
		status = store_run(store, expiries[i], &STORE_TEXT(oldest), NULL, NULL, why);
		*removed += store_changed(store);
	}
	return status;
}

static enum status take_number(void *context, const char *const *columns)
{
	*(int64_t *)context = strtoll(columns[0], NULL, 10);
	return ST_OK;
}

/* Beside the lanes' numbers: how often something was removed, and its bytes, too. */
#define REMOVED "removed"
#define COMPACTED "compacted"

static enum status last_number(struct store *store, const char *name, int64_t *number,
			       struct reason *why)
{
	*number = 0;
	return store_run(store, QUERY_BATCH_LAST, &STORE_TEXT(name), take_number, number, why);
}

static enum status set_number(struct store *store, const char *name, int64_t number,
			      struct reason *why)
{
	const struct store_value values[] = {STORE_TEXT(name), STORE_NUMBER(number)};

	return store_run(store, QUERY_BATCH, values, NULL, NULL, why);
}

static enum status remove_old(struct store *store, const char *oldest, int64_t *removals,
			      struct reason *why)
{
	uint64_t removed = 0;
	enum status status = store_begin(store, true, why);

	if (status != ST_OK)
		return status;
	status = last_number(store, REMOVED, removals, why);
	if (status == ST_OK)
		status = remove_before(store, oldest, &removed, why);
	if (status == ST_OK && removed)
		status = set_number(store, REMOVED, ++*removals, why);
	if (status == ST_OK)
		return store_commit(store, why);
	store_rollback(store);
	return status;
}

/* What was removed by whomever, and not compacted since, is compacted now. */
static enum status keep_house(struct rollup *rollup, struct reason *why)
{
	int32_t today = (int32_t)clock_day(clock_wall_us());
	int64_t removals, compacted = 0;
	char oldest[DAY_BYTES];
	enum status status;

	if (rollup->kept_house == today)
		return ST_OK;
	day_text(oldest, today - (int32_t)rollup->config->counts_retention_days);
	status = remove_old(rollup->store, oldest, &removals, why);
	if (status == ST_OK)
		status = last_number(rollup->store, COMPACTED, &compacted, why);
	if (status == ST_OK && compacted < removals) {
		status = store_compact(rollup->store, why);
		if (status == ST_OK)
			status = set_number(rollup->store, COMPACTED, removals, why);
	}
	if (status == ST_OK)
		rollup->kept_house = today;
	/* Somebody reads for long: the next rollup tries it again. */
	return status == ST_BUSY ? ST_OK : status;
}

/* That a rollup came to its end, for who looks whether one runs. */
static void leave_mark(const struct config *config)
{
	char path[STATE_PATH_BYTES];

	state_path(path, config, STATE_ROLLUP);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0)
		return;
	(void)futimens(fd, NULL);
	close(fd);
}

/* The store, and before anything is in it what remembers its releases; if that cannot be made,
 * the snapshot says why, and counts go on. */
static enum status open_store(struct rollup *rollup, struct reason *why)
{
	enum status status = store_open(&rollup->store, rollup->config, STORE_WRITE, why);
	char journal[STATE_PATH_BYTES];
	struct reason ignored = {""};

	if (status != ST_OK)
		return status;
	warrant_dir(journal, rollup->config);
	status = warrant_begin(rollup->store, journal, &ignored);
	return status == ST_UNAVAILABLE ? status : ST_OK;
}

enum status rollup_once(struct rollup *rollup, struct tally_drained *drained, struct reason *why)
{
	enum status status = ST_OK;

	*drained = (struct tally_drained){0};
	if (!rollup->store)
		status = open_store(rollup, why);
	if (status == ST_OK)
		status = tally_drain(rollup->directory, apply, rollup, drained, why);
	if (status == ST_OK)
		status = keep_house(rollup, why);
	if (status == ST_OK)
		leave_mark(rollup->config);
	if (status == ST_UNAVAILABLE)
		rollup_lost(rollup);
	return status;
}

void rollup_lost(struct rollup *rollup)
{
	store_close(rollup->store);
	rollup->store = NULL;
}

struct store *rollup_store(struct rollup *rollup)
{
	return rollup->store;
}
