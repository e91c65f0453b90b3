/*
 * source_sqlite - an application's SQLite file, opened so that nothing can be written.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <unistd.h>

#include "driver.h"
#include "source_driver.h"

static void close_it(void *db)
{
	sqlite3_close(db);
}

static enum status complain(int code, struct reason *why)
{
	return reason_set(why, store_sqlite_outcome(code), "%s", sqlite3_errstr(code));
}

static enum status open_it(void **out, const char *where, struct reason *why)
{
	sqlite3 *handle = NULL;
	int code;

	if (access(where, F_OK))
		return reason_set_path(why, errno == ENOENT ? ST_NOT_FOUND : ST_IO, where);
	code = sqlite3_open_v2(where, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	*out = handle;
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(handle, SOURCE_WAIT_MS);
	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

/* Nothing but blanks, comments and semicolons may follow the statement. */
static bool is_alone(sqlite3 *handle, const char *rest)
{
	sqlite3_stmt *second = NULL;
	bool alone = true;

	while (alone && *rest) {
		const char *before = rest;
		alone =
		    sqlite3_prepare_v2(handle, rest, -1, &second, &rest) == SQLITE_OK && !second;
		sqlite3_finalize(second);
		if (rest == before)
			break;
	}
	return alone;
}

static enum status prepare(sqlite3 *handle, sqlite3_stmt **out, const char *sql, const char *day,
			   struct reason *why)
{
	const char *rest;
	int code = sqlite3_prepare_v2(handle, sql, -1, out, &rest);

	/* The longer sentence: it quotes the statement, and nothing was read yet. */
	if (code != SQLITE_OK)
		return reason_set(why,
				  code == SQLITE_ERROR ? ST_CONFIG : store_sqlite_outcome(code),
				  "%s", sqlite3_errmsg(handle));
	if (!*out || !is_alone(handle, rest) || sqlite3_bind_parameter_count(*out) > 1)
		return reason_set(why, ST_CONFIG, "wants one SELECT, with no parameter but $1");
	if (!sqlite3_stmt_readonly(*out))
		return reason_set(why, ST_DENIED, "would write: a SELECT is wanted");
	code = sqlite3_bind_parameter_count(*out)
		   ? sqlite3_bind_text(*out, 1, day, -1, SQLITE_STATIC)
		   : SQLITE_OK;
	return code == SQLITE_OK ? ST_OK : complain(code, why);
}

static enum status give_names(sqlite3_stmt *stmt, source_texts_fn *head, void *context,
			      struct reason *why)
{
	const char *texts[SOURCE_COLUMNS_MAX] = {NULL};
	int n = sqlite3_column_count(stmt);

	for (int i = 0; i < n && i < SOURCE_COLUMNS_MAX; i++)
		texts[i] = sqlite3_column_name(stmt, i);
	return head(context, texts, n, why);
}

static enum status give_rows(sqlite3_stmt *stmt, source_texts_fn *row, void *context,
			     struct reason *why)
{
	const char *texts[SOURCE_COLUMNS_MAX] = {NULL};
	enum status status = ST_OK;
	int code, n = sqlite3_column_count(stmt);

	while (status == ST_OK && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (code != SQLITE_ROW)
			return complain(code, why);
		for (int i = 0; i < n; i++)
			texts[i] = (const char *)sqlite3_column_text(stmt, i);
		status = row(context, texts, n, why);
	}
	return status;
}

static enum status select_it(void *db, const char *sql, const char *day, source_texts_fn *head,
			     source_texts_fn *row, void *context, struct reason *why)
{
	sqlite3_stmt *stmt = NULL;
	enum status status = prepare(db, &stmt, sql, day, why);

	if (status == ST_OK)
		status = give_names(stmt, head, context, why);
	if (status == ST_OK)
		status = give_rows(stmt, row, context, why);
	sqlite3_finalize(stmt);
	return status;
}

const struct source_driver source_sqlite = {
    .open = open_it, .close = close_it, .select = select_it};
