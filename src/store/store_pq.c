/*
 * store_pq - PostgreSQL, where one machine is outgrown.
 *
 * Statements are prepared at first need; many of one kind travel in a pipeline, so that
 * they cost one round trip together. What the server says in words may quote what was
 * stored: only its five letters of SQLSTATE are told on.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

#define NUMBER_BYTES 24
#define PIPELINE_ROWS 256 /* before the answers are read: the server's own buffer is finite */
#define WRITERS_LOCK "7809914"

struct pq {
	PGconn *connection;
	bool prepared[QUERIES];
};

enum status store_pq_outcome(const char *state)
{
	static const struct {
		const char *class;
		enum status status;
	} classes[] = {{"08", ST_UNAVAILABLE}, {"57", ST_UNAVAILABLE}, {"28", ST_DENIED},
		       {"42501", ST_DENIED},   {"40", ST_BUSY},	       {"55", ST_BUSY},
		       {"53100", ST_FULL},     {"53", ST_UNAVAILABLE}, {"25006", ST_DENIED}};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (!strncmp(state, classes[i].class, strlen(classes[i].class)))
			return classes[i].status;
	return ST_IO;
}

static enum status complain(const struct pq *pq, const PGresult *result, struct reason *why)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

	if (PQstatus(pq->connection) != CONNECTION_OK)
		return reason_set(why, ST_UNAVAILABLE, "the store: the connection is lost");
	if (!state)
		return reason_set(why, ST_IO, "the store: PostgreSQL did not answer as expected");
	return reason_set(why, store_pq_outcome(state),
			  "the store: PostgreSQL refused (SQLSTATE %s)", state);
}

/* Ends the result. */
static enum status expect(const struct pq *pq, PGresult *result, struct reason *why)
{
	ExecStatusType code = PQresultStatus(result);
	enum status status =
	    code == PGRES_COMMAND_OK || code == PGRES_TUPLES_OK ? ST_OK : complain(pq, result, why);

	PQclear(result);
	return status;
}

static void close_it(void *db)
{
	struct pq *pq = db;

	PQfinish(pq->connection);
	free(pq);
}

static enum status script(void *db, const char *sql, struct reason *why)
{
	struct pq *pq = db;

	return expect(pq, PQexec(pq->connection, sql), why);
}

static void no_notice(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

/* The connection's own message names host, user and database: all the operator's. */
static enum status refused(const struct pq *pq, struct reason *why)
{
	const char *text = PQerrorMessage(pq->connection);

	return reason_set(why, ST_UNAVAILABLE, "the store: %.*s", (int)strcspn(text, "\n"), text);
}

static enum status open_it(void **out, const char *where, bool writes, struct reason *why)
{
	struct pq *pq = calloc(1, sizeof(*pq));
	char setting[160];

	if (!pq)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	*out = pq;
	const char *const keys[] = {"dbname", "application_name", "connect_timeout", NULL};
	const char *const values[] = {where, "tamis", "5", NULL};
	pq->connection = PQconnectdbParams(keys, values, 1);
	if (PQstatus(pq->connection) != CONNECTION_OK)
		return refused(pq, why);
	PQsetNoticeReceiver(pq->connection, no_notice, NULL);
	/* Who reads asks for few days or many, of one thing or of all: no plan fits both. */
	snprintf(setting, sizeof(setting), "SET lock_timeout = %d; %s", STORE_WAIT_MS,
		 writes ? "SET default_transaction_read_only = off"
			: "SET default_transaction_read_only = on; "
			  "SET plan_cache_mode = force_custom_plan");
	return script(pq, setting, why);
}

/* "query7": what a prepared statement is called. */
static const char *statement_name(char *name, enum query query)
{
	snprintf(name, NUMBER_BYTES, "query%d", (int)query);
	return name;
}

static enum status prepare(struct pq *pq, enum query query, struct reason *why)
{
	char name[NUMBER_BYTES];

	if (pq->prepared[query])
		return ST_OK;
	enum status status = expect(pq,
				    PQprepare(pq->connection, statement_name(name, query),
					      store_queries[query].text, 0, NULL),
				    why);
	pq->prepared[query] = status == ST_OK;
	return status;
}

struct texts {
	const char *values[STORE_PARAMETERS_MAX];
	char numbers[STORE_PARAMETERS_MAX][NUMBER_BYTES];
};

static const char *const *as_texts(struct texts *texts, const struct store_value *values,
				   unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		snprintf(texts->numbers[i], NUMBER_BYTES, "%" PRId64, values[i].number);
		texts->values[i] = values[i].text ? values[i].text : texts->numbers[i];
	}
	return texts->values;
}

static enum status give_rows(const PGresult *result, store_row_fn *row, void *context)
{
	const char *columns[STORE_COLUMNS_MAX] = {NULL};
	enum status status = ST_OK;

	for (int i = 0; row && i < PQntuples(result) && status == ST_OK; i++) {
		for (int k = 0; k < PQnfields(result) && k < STORE_COLUMNS_MAX; k++)
			columns[k] = PQgetisnull(result, i, k) ? NULL : PQgetvalue(result, i, k);
		status = row(context, columns);
	}
	return status;
}

static enum status run(void *db, enum query query, const struct store_value *values,
		       store_row_fn *row, void *context, uint64_t *changed, struct reason *why)
{
	unsigned n = store_queries[query].parameters;
	char name[NUMBER_BYTES];
	struct pq *pq = db;
	struct texts texts;
	enum status status = prepare(pq, query, why);

	if (status != ST_OK)
		return status;
	PGresult *result = PQexecPrepared(pq->connection, statement_name(name, query), (int)n,
					  as_texts(&texts, values, n), NULL, NULL, 0);
	*changed = strtoull(PQcmdTuples(result), NULL, 10);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		status = give_rows(result, row, context);
	else if (PQresultStatus(result) != PGRES_COMMAND_OK)
		status = complain(pq, result, why);
	PQclear(result);
	return status;
}

/* Read the answers of a pipeline up to where it was synced; the first failure is told. */
static enum status drain(struct pq *pq, struct reason *why)
{
	enum status status = ST_OK;
	bool synced = false;

	while (!synced && PQstatus(pq->connection) == CONNECTION_OK) {
		PGresult *result = PQgetResult(pq->connection);
		ExecStatusType code = PQresultStatus(result);
		synced = code == PGRES_PIPELINE_SYNC;
		if (result && status == ST_OK && code != PGRES_COMMAND_OK && !synced &&
		    code != PGRES_PIPELINE_ABORTED)
			status = complain(pq, result, why);
		PQclear(result);
	}
	return synced ? status : complain(pq, NULL, why);
}

static enum status send(struct pq *pq, enum query query, const struct store_value *values, size_t n,
			struct reason *why)
{
	unsigned width = store_queries[query].parameters;
	char name[NUMBER_BYTES];
	struct texts texts;

	for (size_t i = 0; i < n; i++)
		if (!PQsendQueryPrepared(pq->connection, statement_name(name, query), (int)width,
					 as_texts(&texts, values + i * width, width), NULL, NULL,
					 0))
			return complain(pq, NULL, why);
	return PQpipelineSync(pq->connection) ? drain(pq, why) : complain(pq, NULL, why);
}

static enum status many(void *db, enum query query, const struct store_value *values, size_t n,
			struct reason *why)
{
	unsigned width = store_queries[query].parameters;
	struct pq *pq = db;
	enum status status = prepare(pq, query, why);

	if (status != ST_OK)
		return status;
	if (!PQenterPipelineMode(pq->connection))
		return complain(pq, NULL, why);
	for (size_t i = 0; i < n && status == ST_OK; i += PIPELINE_ROWS)
		status = send(pq, query, values + i * width,
			      n - i < PIPELINE_ROWS ? n - i : PIPELINE_ROWS, why);
	if (!PQexitPipelineMode(pq->connection) && status == ST_OK)
		status = complain(pq, NULL, why);
	return status;
}

static enum status begin(void *db, bool alone, struct reason *why)
{
	return script(db, alone ? "BEGIN; SELECT pg_advisory_xact_lock(" WRITERS_LOCK ")" : "BEGIN",
		      why);
}

/* Not to_regclass(): within a transaction that waited it may remember that there was none. */
static enum status has_schema(void *db, bool *has, struct reason *why)
{
	struct pq *pq = db;
	PGresult *result =
	    PQexec(pq->connection, "SELECT 1 FROM pg_catalog.pg_class "
				   "WHERE relname = 'schema_version' AND pg_table_is_visible(oid)");

	*has = PQntuples(result) == 1;
	return expect(pq, result, why);
}

/* Rewrites the tables: what was removed is in no file of theirs afterwards. */
static enum status compact(void *db, struct reason *why)
{
	return script(db, "SELECT pg_advisory_xact_lock(" WRITERS_LOCK "); SELECT tamis_compact()",
		      why);
}

const struct driver store_pq = {
    .kind = "PostgreSQL",
    .dialect = DIALECT_PQ,
    .open = open_it,
    .close = close_it,
    .script = script,
    .run = run,
    .many = many,
    .begin = begin,
    .has_schema = has_schema,
    .compact = compact,
};
