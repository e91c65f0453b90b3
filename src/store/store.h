/*
 * store - the database of counts: SQLite in one file, or PostgreSQL.
 *
 * The one room that speaks SQL, and all of it stands in query.def. A store serves one
 * thread. Any number of processes may write; a transaction that another one delays is
 * waited for, up to five seconds. Reasons never hold a value that was stored.
 */
#ifndef TAMIS_STORE_H
#define TAMIS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "status.h"

struct store;

enum query {
#define QUERY(id, parameters, text) QUERY_##id,
#include "query.def"
#undef QUERY
	QUERIES
};

enum store_access {
	STORE_READ,  /* needs no right to write; ST_NOT_FOUND: there is no store yet */
	STORE_WRITE, /* made, and brought to this version's schema, where it is not */
};

/*
 * store.url, or store/counts.db below state.dir where it is empty.
 * ST_OK: caller owns *out and ends it with store_close().
 * ST_CONFIG: the URL, or a schema newer than this program. ST_UNAVAILABLE: no connection.
 */
MUST_CHECK enum status store_open(struct store **out, const struct config *config,
				  enum store_access access, struct reason *why);
void store_close(struct store *store);
/* "SQLite" or "PostgreSQL". */
const char *store_kind(const struct store *store);

struct store_value {
	const char *text; /* NULL: the number */
	int64_t number;
};
#define STORE_TEXT(t) ((struct store_value){.text = (t)})
#define STORE_NUMBER(n) ((struct store_value){.number = (n)})

/* One row of an answer, as texts; NULL is SQL's. Anything but ST_OK ends the reading. */
typedef enum status store_row_fn(void *context, const char *const *columns);

/*
 * Run one statement with as many values as it has parameters. row may be NULL.
 * ST_BUSY: another held the database for too long. ST_UNAVAILABLE: the connection is lost;
 * close the store and open it again. ST_DENIED, ST_IO, ST_FULL (disk): why.
 */
MUST_CHECK enum status store_run(struct store *store, enum query query,
				 const struct store_value *values, store_row_fn *row, void *context,
				 struct reason *why);
/* The same statement for n sets of values, in a transaction that is open. */
MUST_CHECK enum status store_many(struct store *store, enum query query,
				  const struct store_value *values, size_t n, struct reason *why);
/* How many rows the last store_run() changed. */
uint64_t store_changed(const struct store *store);

/*
 * A transaction: what was written is there after store_commit(), whole, or not at all.
 * alone: no other one that asks for it runs meanwhile. Whoever changes counts does: the sums
 * of two batches would wait for each other.
 */
MUST_CHECK enum status store_begin(struct store *store, bool alone, struct reason *why);
MUST_CHECK enum status store_commit(struct store *store, struct reason *why);
void store_rollback(struct store *store);

/* Give the room of removed rows back, so that their bytes are gone from the store's files. */
MUST_CHECK enum status store_compact(struct store *store, struct reason *why);

#endif
