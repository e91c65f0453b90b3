/*
 * publish - see publish.h.
 */
#include "publish.h"

#include <stdio.h>
#include <string.h>

#include "day.h"
#include "file.h"
#include "tables_page.h"

#define TEXT_BYTES ((size_t)256 * 1024 * 1024)
#define NAME_BYTES 110
#define PATH_BYTES 1100
#define DAYS_ON_PAGE 30

/* What is counted under a name of its own: a metric, or each of its steps. */
struct name {
	const struct measure *measure;
	const char *step; /* NULL: it has none */
	char text[NAME_BYTES];
};

typedef enum status name_fn(void *context, const struct name *name, struct reason *why);

static enum status each_name(const struct registry *registry, name_fn *visit, void *context,
			     struct reason *why)
{
	enum status status = ST_OK;

	for (size_t i = 0; i < registry_size(registry); i++) {
		struct name name = {.measure = registry_at(registry, i)};
		size_t n = name.measure->steps.n;
		if (name.measure->read != READ_RELEASED ||
		    name.measure->mechanism != MECHANISM_NONE)
			continue;
		for (size_t k = 0; k < (n ? n : 1) && status == ST_OK; k++) {
			name.step = n ? name.measure->steps.items[k] : NULL;
			snprintf(name.text, sizeof(name.text), "%s%s%s", name.measure->name,
				 n ? "." : "", n ? name.step : "");
			status = visit(context, &name, why);
		}
	}
	return status;
}

struct publishing {
	struct store *store;
	struct entropy *entropy;
	struct buf page, csv;
	const struct name *name;
	int32_t from, to;
	unsigned made;
	bool on_page;
};

static enum status see_day(void *context, const struct table_release *table)
{
	int32_t *last = context, day = 0;
	enum status status = day_parse(&day, table_day(table), strlen(table_day(table)));

	if (status == ST_OK && day > *last)
		*last = day;
	return status;
}

/* Days are released in their order, so those that are not yet lie behind the last one. */
static enum status release_name(void *context, const struct name *name, struct reason *why)
{
	struct publishing *publishing = context;
	int32_t last = publishing->from - 1;
	unsigned made = 0;
	enum status status = table_release_read(publishing->store, name->text, publishing->from,
						publishing->to, see_day, &last, why);

	if (status == ST_OK && last < publishing->to)
		status = table_release_make(publishing->store, name->text, last + 1, publishing->to,
					    publishing->entropy, &made, why);
	publishing->made += made;
	return status;
}

enum status publish_release(struct store *store, const struct registry *registry, int32_t today,
			    int32_t days, unsigned *made, struct reason *why)
{
	struct publishing publishing = {
	    .store = store, .from = today - days, .to = today - PUBLISH_AGE_DAYS};
	enum status status = entropy_open(&publishing.entropy);

	*made = 0;
	if (status != ST_OK)
		return reason_set(why, status, "no randomness: nothing is released");
	status = each_name(registry, release_name, &publishing, why);
	entropy_close(publishing.entropy);
	*made = publishing.made;
	return status;
}

static enum status write_day(void *context, const struct table_release *table)
{
	struct publishing *publishing = context;

	if (publishing->on_page)
		page_tables_day(&publishing->page, publishing->name->measure, table);
	else
		csv_tables_day(&publishing->csv, publishing->name->text, table);
	return ST_OK;
}

static enum status write_name(void *context, const struct name *name, struct reason *why)
{
	struct publishing *publishing = context;
	int32_t recent = publishing->to - DAYS_ON_PAGE + 1;
	enum status status;

	publishing->name = name;
	publishing->on_page = true;
	page_tables_metric(&publishing->page, name->measure, name->step);
	status = table_release_read(publishing->store, name->text,
				    recent > publishing->from ? recent : publishing->from,
				    publishing->to, write_day, publishing, why);
	page_tables_metric_end(&publishing->page);
	publishing->on_page = false;
	if (status == ST_OK)
		status = table_release_read(publishing->store, name->text, publishing->from,
					    publishing->to, write_day, publishing, why);
	return status;
}

static enum status write_file(const char *directory, const char *name, const struct buf *text,
			      struct reason *why)
{
	char path[PATH_BYTES];
	enum status status;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (!buf_ok(text))
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = file_replace(path, text->data, text->len, 0644);
	return status == ST_OK ? ST_OK : reason_set_path(why, status, path);
}

enum status publish_write(struct store *store, const struct registry *registry, int32_t today,
			  int32_t days, const char *directory, struct reason *why)
{
	struct publishing publishing = {
	    .store = store, .from = today - days, .to = today - PUBLISH_AGE_DAYS};
	enum status status = file_mkdirs(directory, 0755);

	if (status != ST_OK)
		return reason_set_path(why, status, directory);
	buf_init(&publishing.page, TEXT_BYTES);
	buf_init(&publishing.csv, TEXT_BYTES);
	page_tables_begin(&publishing.page);
	csv_tables_begin(&publishing.csv);
	status = each_name(registry, write_name, &publishing, why);
	page_end(&publishing.page);
	/* The table first, for the page leads to it. */
	if (status == ST_OK)
		status = write_file(directory, "counts.csv", &publishing.csv, why);
	if (status == ST_OK)
		status = write_file(directory, "index.html", &publishing.page, why);
	buf_free(&publishing.page);
	buf_free(&publishing.csv);
	return status;
}
