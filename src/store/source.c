/*
 * source - picks the driver by the URL, and finds the columns.
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "source_driver.h"
#include "url_kind.h"

struct source {
	const struct source_driver *driver;
	void *db;
};

enum { AT_EVENT_ID, AT_COUNT, AT_SOURCE, COLUMNS };
static const char *const names[COLUMNS] = {"event_id", "count", "source"};

enum status source_open(struct source **out, const char *url, struct reason *why)
{
	struct source *source = calloc(1, sizeof(*source));
	const char *where;
	enum status status = ST_OK;

	*out = NULL;
	if (!source)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	switch (url_kind(url, &where)) {
	case URL_SQLITE:
		source->driver = &source_sqlite;
		break;
	case URL_POSTGRESQL:
		source->driver = &source_pq;
		break;
	default:
		status = reason_set(why, ST_CONFIG,
				    "begins with neither sqlite:/ nor "
				    "postgresql://");
	}
	if (status == ST_OK)
		status = source->driver->open(&source->db, where, why);
	if (status == ST_OK)
		*out = source;
	else
		source_close(source);
	return status;
}

void source_close(struct source *source)
{
	if (source && source->db)
		source->driver->close(source->db);
	free(source);
}

struct selecting {
	int at[COLUMNS]; /* -1: there is no such column */
	source_row_fn *row;
	void *context;
};

static int column_find(const char *name)
{
	int i = 0;

	while (i < COLUMNS && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static enum status read_head(void *context, const char *const *texts, int n, struct reason *why)
{
	struct selecting *selecting = context;

	for (int i = 0; i < n && i < SOURCE_COLUMNS_MAX; i++) {
		int column = column_find(texts[i]);
		if (column == COLUMNS || selecting->at[column] >= 0)
			n = SOURCE_COLUMNS_MAX + 1;
		else
			selecting->at[column] = i;
	}
	if (n > SOURCE_COLUMNS_MAX || selecting->at[AT_COUNT] < 0)
		return reason_set(why, ST_CONFIG,
				  "wants a SELECT of event_id, count and source, count at "
				  "least, and of nothing else");
	return ST_OK;
}

static enum status read_row(void *context, const char *const *texts, int n, struct reason *why)
{
	const struct selecting *selecting = context;
	const char *found[COLUMNS];

	(void)n;
	for (int i = 0; i < COLUMNS; i++)
		found[i] = selecting->at[i] < 0 ? NULL : texts[selecting->at[i]];
	return selecting->row(
	    selecting->context,
	    &(struct source_row){found[AT_EVENT_ID], found[AT_COUNT], found[AT_SOURCE]}, why);
}

enum status source_select(struct source *source, const char *sql, const char *day,
			  source_row_fn *row, void *context, struct reason *why)
{
	struct selecting selecting = {{-1, -1, -1}, row, context};

	return source->driver->select(source->db, sql, day, read_head, read_row, &selecting, why);
}
