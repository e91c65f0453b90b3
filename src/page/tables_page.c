/*
 * tables_page - see tables_page.h.
 */
#include "tables_page.h"

#include <inttypes.h>

#define CELLS_SHOWN 50
#define HIDDEN "<span class=\"quiet\">not shown</span>"

void page_tables_begin(struct buf *out)
{
	page_begin(out, "What was counted here");
	buf_addf(out,
		 "<p>Protected by <strong>" KANON_LABEL
		 "</strong>: numbers below %d are not shown, and neither is what would give them "
		 "away. A day is released once, when the day after it is over, and is not changed "
		 "afterwards. No person, address, device or time of day was kept. The same numbers "
		 "as a table: <a href=\"counts.csv\">counts.csv</a>.</p>\n",
		 KANON_THRESHOLD);
}

void page_tables_metric(struct buf *out, const struct measure *measure, const char *step)
{
	buf_addf(out, "<h2><code>%s%s%s</code></h2>\n<p>", measure->name, step ? "." : "",
		 step ? step : "");
	page_text(out, measure->question);
	buf_addf(out, "</p>\n<table>\n<tr><th>Day</th><th>Total</th>%s</tr>\n",
		 measure->event_id == EVENT_ID_NONE ? "" : "<th>Of each</th>");
}

void page_tables_metric_end(struct buf *out)
{
	buf_adds(out, "</table>\n");
}

void page_tables_day(struct buf *out, const struct measure *measure,
		     const struct table_release *table)
{
	size_t n = table_size(table);

	buf_addf(out, "<tr><td>%s</td>", table_day(table));
	if (table_total(table) < 0)
		buf_adds(out, "<td class=\"n\">" HIDDEN "</td>");
	else
		buf_addf(out, "<td class=\"n\">%" PRId64 "</td>", table_total(table));
	if (measure->event_id != EVENT_ID_NONE) {
		buf_adds(out, n ? "<td>" : "<td>" HIDDEN);
		for (size_t i = 0; i < n && i < CELLS_SHOWN; i++) {
			buf_adds(out, i ? ", <code>" : "<code>");
			page_text(out, table_cell(table, i).id);
			buf_addf(out, "</code>: %" PRIu64, table_cell(table, i).count);
		}
		if (n > CELLS_SHOWN)
			buf_addf(out, " and %zu more in counts.csv", n - CELLS_SHOWN);
		buf_adds(out, "</td>");
	}
	buf_adds(out, "</tr>\n");
}

void csv_tables_begin(struct buf *out)
{
	buf_adds(out, "event_name,event_date,event_id,count,protection,release\r\n");
}

/* Names, ids and days are of letters that CSV needs no quotes for. */
void csv_tables_day(struct buf *out, const char *event_name, const struct table_release *table)
{
	static const char row[] = "%s,%s,%s,%" PRIu64 ",\"" KANON_LABEL "\",%s\r\n";

	if (table_total(table) >= 0)
		buf_addf(out, row, event_name, table_day(table), "*", (uint64_t)table_total(table),
			 table_id(table));
	/* Of a metric without event_id the only cell is the total. */
	for (size_t i = 0; i < table_size(table) && *table_cell(table, i).id; i++)
		buf_addf(out, row, event_name, table_day(table), table_cell(table, i).id,
			 table_cell(table, i).count, table_id(table));
}
