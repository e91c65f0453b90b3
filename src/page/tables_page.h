/*
 * tables_page - what was released of declared counters without noise: a page, and CSV.
 */
#ifndef TAMIS_PAGE_TABLES_PAGE_H
#define TAMIS_PAGE_TABLES_PAGE_H

#include "kanon.h"
#include "page.h"

void page_tables_begin(struct buf *out);
/* Head and foot of one metric, or of a step of it; then its days. */
void page_tables_metric(struct buf *out, const struct measure *measure, const char *step);
void page_tables_metric_end(struct buf *out);
void page_tables_day(struct buf *out, const struct measure *measure,
		     const struct table_release *table);

/* A head line, then a row for each cell that is not hidden and for each total ("*"). */
void csv_tables_begin(struct buf *out);
void csv_tables_day(struct buf *out, const char *event_name, const struct table_release *table);

#endif
