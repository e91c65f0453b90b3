/*
 * source_pq - an application's PostgreSQL, in transactions that may only read.
 *
 * A statement is prepared and its columns are looked at before it runs; prepared, it is
 * one, so none can end the transaction and begin another.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "source_driver.h"

static void close_it(void *db)
{
	PQfinish(db);
}

static enum status complain(PGconn *connection, const PGresult *result, struct reason *why)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

	if (PQstatus(connection) != CONNECTION_OK)
		return reason_set(why, ST_UNAVAILABLE, "the connection is lost");
	if (!state)
		return reason_set(why, ST_IO, "PostgreSQL did not answer as expected");
	if (strcmp(state, "25006") == 0)
		return reason_set(why, ST_DENIED, "would write: a SELECT is wanted");
	return reason_set(why, store_pq_outcome(state), "PostgreSQL refused (SQLSTATE %s)", state);
}

static enum status script(PGconn *connection, const char *sql, struct reason *why)
{
	PGresult *result = PQexec(connection, sql);
	enum status status =
	    PQresultStatus(result) == PGRES_COMMAND_OK ? ST_OK : complain(connection, result, why);

	PQclear(result);
	return status;
}

static void no_notice(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

static enum status open_it(void **out, const char *where, struct reason *why)
{
	const char *const keys[] = {"dbname", "application_name", "connect_timeout", NULL};
	const char *const values[] = {where, "tamis count", "5", NULL};
	PGconn *connection = PQconnectdbParams(keys, values, 1);
	const char *text = PQerrorMessage(connection);
	char setting[160];

	*out = connection;
	if (PQstatus(connection) != CONNECTION_OK)
		return reason_set(why, ST_UNAVAILABLE, "%.*s", (int)strcspn(text, "\n"), text);
	PQsetNoticeReceiver(connection, no_notice, NULL);
	snprintf(setting, sizeof(setting),
		 "SET default_transaction_read_only = on; SET lock_timeout = %d; "
		 "SET statement_timeout = %d",
		 SOURCE_WAIT_MS, SOURCE_STATEMENT_MS);
	return script(connection, setting, why);
}

/* What is wrong with it is told in the server's words: nothing was read yet. */
static enum status prepare(PGconn *connection, const char *sql, struct reason *why)
{
	PGresult *result = PQprepare(connection, "", sql, 0, NULL);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum status status = ST_OK;

	if (PQresultStatus(result) != PGRES_COMMAND_OK && text)
		status = reason_set(why, ST_CONFIG, "%s", text);
	else if (PQresultStatus(result) != PGRES_COMMAND_OK)
		status = complain(connection, result, why);
	PQclear(result);
	return status;
}

/* *parameters: how many it has. */
static enum status describe(PGconn *connection, int *parameters, source_texts_fn *head,
			    void *context, struct reason *why)
{
	PGresult *result = PQdescribePrepared(connection, "");
	const char *texts[SOURCE_COLUMNS_MAX] = {NULL};
	enum status status;

	for (int i = 0; i < PQnfields(result) && i < SOURCE_COLUMNS_MAX; i++)
		texts[i] = PQfname(result, i);
	*parameters = PQnparams(result);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		status = complain(connection, result, why);
	else if (*parameters > 1)
		status = reason_set(why, ST_CONFIG, "wants one SELECT, with no parameter but $1");
	else
		status = head(context, texts, PQnfields(result), why);
	PQclear(result);
	return status;
}

static enum status give_rows(const PGresult *result, source_texts_fn *row, void *context,
			     struct reason *why)
{
	const char *texts[SOURCE_COLUMNS_MAX] = {NULL};
	enum status status = ST_OK;
	int n = PQnfields(result);

	for (int i = 0; i < PQntuples(result) && status == ST_OK; i++) {
		for (int k = 0; k < n; k++)
			texts[k] = PQgetisnull(result, i, k) ? NULL : PQgetvalue(result, i, k);
		status = row(context, texts, n, why);
	}
	return status;
}

static enum status run(PGconn *connection, int parameters, const char *day, source_texts_fn *row,
		       void *context, struct reason *why)
{
	PGresult *result = PQexecPrepared(connection, "", parameters, &day, NULL, NULL, 0);
	enum status status = PQresultStatus(result) == PGRES_TUPLES_OK
				 ? give_rows(result, row, context, why)
				 : complain(connection, result, why);

	PQclear(result);
	return status;
}

static enum status select_it(void *db, const char *sql, const char *day, source_texts_fn *head,
			     source_texts_fn *row, void *context, struct reason *why)
{
	int parameters;
	enum status status = script(db, "BEGIN READ ONLY", why);

	if (status != ST_OK)
		return status;
	status = prepare(db, sql, why);
	if (status == ST_OK)
		status = describe(db, &parameters, head, context, why);
	if (status == ST_OK)
		status = run(db, parameters, day, row, context, why);
	(void)!script(db, "ROLLBACK", NULL);
	return status;
}

const struct source_driver source_pq = {.open = open_it, .close = close_it, .select = select_it};
