/*
 * store_sqlite - one file beside the spool; WAL, so that readers never wait.
 *
 * Each commit is synced (synchronous=FULL); removed rows are overwritten at once
 * (secure_delete), and the log that still held them is cut off by store_compact().
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

struct sqlite {
	sqlite3 *handle;
	sqlite3_stmt *prepared[QUERIES];
};

enum status store_sqlite_outcome(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ST_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ST_BUSY;
	case SQLITE_NOMEM:
		return ST_NO_MEMORY;
	case SQLITE_FULL:
		return ST_FULL;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return ST_DENIED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ST_CORRUPT;
	default:
		return ST_IO;
	}
}

/* SQLite's own sentence for the code: the longer one may quote what was stored. */
static enum status complain(int code, struct reason *why)
{
	return reason_set(why, store_sqlite_outcome(code), "the store: %s", sqlite3_errstr(code));
}

static void close_it(void *db)
{
	struct sqlite *sqlite = db;

	for (size_t i = 0; i < QUERIES; i++)
		sqlite3_finalize(sqlite->prepared[i]);
	sqlite3_close(sqlite->handle);
	free(sqlite);
}

static enum status script(void *db, const char *sql, struct reason *why)
{
	struct sqlite *sqlite = db;
	int code = sqlite3_exec(sqlite->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

/* Made here, since SQLite's mode would let everyone read; log and index take it over. */
static enum status make_file(const char *path, struct reason *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);

	if (fd < 0)
		return errno == EEXIST ? ST_OK : reason_set_path(why, ST_IO, path);
	if (fchmod(fd, 0660)) {
		close(fd);
		return reason_set_path(why, ST_IO, path);
	}
	close(fd);
	return ST_OK;
}

/* To turn WAL on SQLite does not wait, as it does for all else. */
static enum status patient_script(struct sqlite *sqlite, const char *sql, struct reason *why)
{
	enum status status = script(sqlite, sql, why);

	for (int waited_ms = 0; status == ST_BUSY && waited_ms < STORE_WAIT_MS; waited_ms += 10) {
		sqlite3_sleep(10);
		status = script(sqlite, sql, why);
	}
	return status;
}

static enum status prepare_connection(struct sqlite *sqlite, bool writes, struct reason *why)
{
	int code = sqlite3_busy_timeout(sqlite->handle, STORE_WAIT_MS);

	if (code != SQLITE_OK)
		return complain(code, why);
	if (!writes) /* 16 MB of pages at most: what a question of 180 days reads fits in */
		return script(sqlite, "PRAGMA query_only=ON; PRAGMA cache_size=-16000", why);
	return patient_script(sqlite,
			      "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
			      "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON",
			      why);
}

static enum status open_it(void **out, const char *where, bool writes, struct reason *why)
{
	struct sqlite *sqlite = calloc(1, sizeof(*sqlite));
	enum status status = ST_OK;

	if (!sqlite)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	*out = sqlite;
	if (writes)
		status = make_file(where, why);
	else if (access(where, F_OK))
		status = reason_set(why, errno == ENOENT ? ST_NOT_FOUND : ST_IO,
				    "nothing was counted yet");
	if (status == ST_OK) {
		int code = sqlite3_open_v2(where, &sqlite->handle,
					   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
		if (code != SQLITE_OK)
			status = complain(code, why);
	}
	if (status == ST_OK)
		status = prepare_connection(sqlite, writes, why);
	if (status != ST_OK)
		reason_prefix(why, "%s", where);
	return status;
}

static enum status statement(struct sqlite *sqlite, enum query query, sqlite3_stmt **out,
			     struct reason *why)
{
	int code = SQLITE_OK;

	if (!sqlite->prepared[query])
		code =
		    sqlite3_prepare_v3(sqlite->handle, store_queries[query].text, -1,
				       SQLITE_PREPARE_PERSISTENT, &sqlite->prepared[query], NULL);
	*out = sqlite->prepared[query];
	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

static int bind(sqlite3_stmt *stmt, const struct store_value *values, unsigned n)
{
	int code = SQLITE_OK;

	for (unsigned i = 0; i < n && code == SQLITE_OK; i++)
		code = values[i].text
			   ? sqlite3_bind_text(stmt, (int)i + 1, values[i].text, -1, SQLITE_STATIC)
			   : sqlite3_bind_int64(stmt, (int)i + 1, values[i].number);
	return code;
}

/* All rows of a statement that is bound; it is free for the next run afterwards. */
static enum status step_all(sqlite3_stmt *stmt, store_row_fn *row, void *context,
			    struct reason *why)
{
	const char *columns[STORE_COLUMNS_MAX] = {NULL};
	enum status status = ST_OK;
	int code;

	while (status == ST_OK && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (code != SQLITE_ROW) {
			status = complain(code, why);
			break;
		}
		for (int i = 0; i < sqlite3_column_count(stmt) && i < STORE_COLUMNS_MAX; i++)
			columns[i] = (const char *)sqlite3_column_text(stmt, i);
		if (row)
			status = row(context, columns);
	}
	sqlite3_reset(stmt);
	return status;
}

static enum status run(void *db, enum query query, const struct store_value *values,
		       store_row_fn *row, void *context, uint64_t *changed, struct reason *why)
{
	struct sqlite *sqlite = db;
	sqlite3_stmt *stmt;
	enum status status = statement(sqlite, query, &stmt, why);

	if (status != ST_OK)
		return status;
	int code = bind(stmt, values, store_queries[query].parameters);
	if (code != SQLITE_OK)
		return complain(code, why);
	status = step_all(stmt, row, context, why);
	*changed = status == ST_OK ? (uint64_t)sqlite3_changes64(sqlite->handle) : 0;
	return status;
}

static enum status many(void *db, enum query query, const struct store_value *values, size_t n,
			struct reason *why)
{
	unsigned width = store_queries[query].parameters;
	enum status status = ST_OK;
	uint64_t changed;

	for (size_t i = 0; i < n && status == ST_OK; i++)
		status = run(db, query, values + i * width, NULL, NULL, &changed, why);
	return status;
}

static enum status begin(void *db, bool alone, struct reason *why)
{
	(void)alone; /* one writer at a time, always */
	return script(db, "BEGIN IMMEDIATE", why);
}

static int see_row(void *context, int n, char **values, char **names)
{
	(void)n;
	(void)values;
	(void)names;
	*(bool *)context = true;
	return 0;
}

static enum status has_schema(void *db, bool *has, struct reason *why)
{
	struct sqlite *sqlite = db;

	*has = false;
	int code = sqlite3_exec(sqlite->handle,
				"SELECT 1 FROM sqlite_master WHERE name = 'schema_version'",
				see_row, has, NULL);
	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

static int see_busy(void *context, int n, char **values, char **names)
{
	(void)n;
	(void)names;
	*(bool *)context = strcmp(values[0], "0") != 0;
	return 0;
}

/* A reader that keeps the log from being cut off is no error of SQLite's. */
static enum status compact(void *db, struct reason *why)
{
	struct sqlite *sqlite = db;
	bool busy = false;
	enum status status = script(db, "PRAGMA incremental_vacuum", why);

	if (status != ST_OK)
		return status;
	int code =
	    sqlite3_exec(sqlite->handle, "PRAGMA wal_checkpoint(TRUNCATE)", see_busy, &busy, NULL);
	if (code == SQLITE_OK && busy)
		code = SQLITE_BUSY;
	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

const struct driver store_sqlite = {
    .kind = "SQLite",
    .dialect = DIALECT_SQLITE,
    .open = open_it,
    .close = close_it,
    .script = script,
    .run = run,
    .many = many,
    .begin = begin,
    .has_schema = has_schema,
    .compact = compact,
};
