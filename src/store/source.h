/*
 * source - an application's own database, to count from: it is read, and never written.
 *
 * The connection itself refuses to write, whatever the statement says and whatever rights
 * its user has. One thread's. Reasons may quote the statement, never what was read.
 */
#ifndef TAMIS_STORE_SOURCE_H
#define TAMIS_STORE_SOURCE_H

#include "status.h"

struct source;

/*
 * sqlite:/path or postgresql://... ST_OK: caller owns *out and ends it with source_close().
 * ST_CONFIG: the URL. ST_UNAVAILABLE, ST_NOT_FOUND, ST_IO: no connection.
 */
MUST_CHECK enum status source_open(struct source **out, const char *url, struct reason *why);
void source_close(struct source *source);

/* Texts, NULL where it is SQL's NULL, or there is no such column. */
struct source_row {
	const char *event_id, *count, *source;
};
typedef enum status source_row_fn(void *context, const struct source_row *row, struct reason *why);

/*
 * Run one SELECT of the columns count and, if wanted, event_id and source, in any order;
 * $1 in it is day. Ends at what row returns but ST_OK. ST_CONFIG: it is none, or not one,
 * or has other columns. ST_DENIED: it would write, or may not read.
 */
MUST_CHECK enum status source_select(struct source *source, const char *sql, const char *day,
				     source_row_fn *row, void *context, struct reason *why);

#endif
