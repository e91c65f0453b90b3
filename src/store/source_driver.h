/*
 * source_driver - what a database must do to be counted from; one source_*.c each.
 */
#ifndef TAMIS_STORE_SOURCE_DRIVER_H
#define TAMIS_STORE_SOURCE_DRIVER_H

#include "source.h"

#define SOURCE_WAIT_MS 5000
#define SOURCE_STATEMENT_MS 60000
#define SOURCE_COLUMNS_MAX 3 /* of a statement that is right */

/* n texts, of which the first SOURCE_COLUMNS_MAX are given. */
typedef enum status source_texts_fn(void *context, const char *const *texts, int n,
				    struct reason *why);

struct source_driver {
	enum status (*open)(void **out, const char *where, struct reason *why);
	void (*close)(void *db);
	/* head gets the columns' names before the statement runs, row each row's values. */
	enum status (*select)(void *db, const char *sql, const char *day, source_texts_fn *head,
			      source_texts_fn *row, void *context, struct reason *why);
};

extern const struct source_driver source_sqlite, source_pq;

#endif
