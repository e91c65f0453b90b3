/*
 * registry_page - the metrics, as whoever is counted may read them.
 */
#include <inttypes.h>

#include "day.h"
#include "page.h"

#define VALUES_SHOWN 30

static void row(struct buf *out, const char *name, const char *text)
{
	if (!*text)
		return;
	buf_addf(out, "<tr><th>%s</th><td>", name);
	page_text(out, text);
	buf_adds(out, "</td></tr>\n");
}

static void day_row(struct buf *out, const char *name, int32_t day)
{
	char text[DAY_BYTES];

	if (day != DAY_NEVER)
		row(out, name, day_text(text, day));
}

static void values_row(struct buf *out, const char *name, const struct values *values, size_t n)
{
	if (!n)
		return;
	buf_adds(out, "<tr><th>");
	page_text(out, name);
	buf_adds(out, "</th><td>");
	for (size_t i = 0; i < n && i < VALUES_SHOWN; i++) {
		buf_adds(out, i ? ", <code>" : "<code>");
		page_text(out, values->items[i]);
		buf_adds(out, "</code>");
	}
	if (n > VALUES_SHOWN)
		buf_addf(out, " and %zu more", n - VALUES_SHOWN);
	buf_adds(out, "</td></tr>\n");
}

static void measure(struct buf *out, const struct measure *m)
{
	static const char *const ids[] = {"", "an integer", "a UUID"};
	static const char *const readers[] = {"the team", "everyone, once it is released"};

	buf_addf(out, "<h2 id=\"%s\"><code>%s</code></h2>\n<p>", m->name, m->name);
	page_text(out, m->question);
	buf_adds(out, "</p>\n<table>\n");
	row(out, "One increment", m->description);
	row(out, "Is about", m->subject);
	row(out, "Named by", ids[m->event_id]);
	values_row(out, "Steps", &m->steps, m->steps.n);
	values_row(out, "Counted from", &m->sources, m->sources.n);
	for (size_t i = 0; i < m->dimensions.n; i++)
		values_row(out, m->dimensions.items[i].name, &m->dimensions.items[i].values,
			   m->dimensions.items[i].values.n - 1);
	row(out, "Taken from", *m->from_sql ? "the application's database, once a day" : "");
	row(out, "Counted by", m->public_ingest ? "programs with a token, and browsers" : "");
	row(out, "Read by", readers[m->read]);
	row(out, "Owner", m->owner);
	day_row(out, "Reviewed on", m->review);
	day_row(out, "Ends on", m->expires);
	buf_adds(out, "</table>\n");
}

void page_registry(struct buf *out, const struct registry *registry)
{
	page_begin(out, "What is counted here");
	buf_adds(out,
		 "<p>Numbers per day, and nothing else: no person, address, device, session or "
		 "time of day is kept. What is not on this page is not counted.</p>\n");
	for (size_t i = 0; i < registry_size(registry); i++)
		measure(out, registry_at(registry, i));
	page_end(out);
}
