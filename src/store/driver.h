/*
 * driver - what a database must do; store.c does the rest. One store_*.c each.
 */
#ifndef TAMIS_STORE_DRIVER_H
#define TAMIS_STORE_DRIVER_H

#include <stdbool.h>

#include "store.h"

struct query_row {
	const char *text;
	unsigned parameters;
};
extern const struct query_row store_queries[QUERIES];

#define STORE_WAIT_MS 5000
#define STORE_PARAMETERS_MAX 16
#define STORE_COLUMNS_MAX 16

enum dialect { DIALECT_SQLITE = 1, DIALECT_PQ = 2 };

struct driver {
	const char *kind;
	enum dialect dialect;
	/* Where to: a path, or a URL. */
	enum status (*open)(void **out, const char *where, bool writes, struct reason *why);
	void (*close)(void *db);
	/* Statements without parameters or answer. */
	enum status (*script)(void *db, const char *sql, struct reason *why);
	enum status (*run)(void *db, enum query query, const struct store_value *values,
			   store_row_fn *row, void *context, uint64_t *changed, struct reason *why);
	enum status (*many)(void *db, enum query query, const struct store_value *values, size_t n,
			    struct reason *why);
	/* Begin a transaction that writes; alone: no other one does meanwhile. */
	enum status (*begin)(void *db, bool alone, struct reason *why);
	/* Is there a schema? */
	enum status (*has_schema)(void *db, bool *has, struct reason *why);
	enum status (*compact)(void *db, struct reason *why);
};

extern const struct driver store_sqlite, store_pq;

/* What a result code, and a SQLSTATE, means. */
enum status store_sqlite_outcome(int code);
enum status store_pq_outcome(const char *state);

#endif
