/*
 * cmd_counts - `tamis counts`: daily counts as a table with bars, or as JSON or CSV.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "counts.h"

#define TEXT_BYTES ((size_t)256 * 1024 * 1024)
#define DAYS_SHOWN 30
#define BAR_CELLS 24
#define CELL_BYTES 110

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct asked {
	struct counts_question question;
	enum form form;
};

static enum status read_day(int32_t *day, const char *name, struct reason *why)
{
	if (day_parse(day, optarg, strlen(optarg)) == ST_OK)
		return ST_OK;
	return reason_set(why, ST_USAGE, "counts: --%s wants YYYY-MM-DD", name);
}

static enum status take_option(struct asked *asked, int option, struct reason *why)
{
	struct counts_question *question = &asked->question;

	switch (option) {
	case 'n':
		question->name = optarg;
		return ST_OK;
	case 'i':
		question->id = optarg;
		return ST_OK;
	case 'f':
		return read_day(&question->from, "from", why);
	case 't':
		return read_day(&question->to, "to", why);
	case 'j':
		asked->form = FORM_JSON;
		return ST_OK;
	case 'c':
		asked->form = FORM_CSV;
		return ST_OK;
	default:
		question->group = counts_group_find(optarg, strlen(optarg));
		if (question->group < GROUPS)
			return ST_OK;
		return reason_set(
		    why, ST_USAGE,
		    "counts: --group-by wants all, event_name, event_date, event_id or "
		    "source");
	}
}

static enum status read_options(const struct invocation *call, struct asked *asked,
				struct reason *why)
{
	static const struct option options[] = {
	    {"name", required_argument, NULL, 'n'},	{"id", required_argument, NULL, 'i'},
	    {"from", required_argument, NULL, 'f'},	{"to", required_argument, NULL, 't'},
	    {"json", no_argument, NULL, 'j'},		{"csv", no_argument, NULL, 'c'},
	    {"group-by", required_argument, NULL, 'g'}, {NULL, 0, NULL, 0},
	};
	int32_t today = (int32_t)clock_day(clock_wall_us());
	enum status status = ST_OK;
	int option;

	*asked = (struct asked){
	    .question = {"", "", today - DAYS_SHOWN + 1, today, GROUP_DATE},
	};
	while (status == ST_OK && (option = command_option(call, options, &status, why)) != -1)
		if (option != '?')
			status = take_option(asked, option, why);
	if (status == ST_OK && optind < call->argc)
		return reason_set(why, ST_USAGE, "counts: takes no operands");
	if (status == ST_OK && asked->question.from > asked->question.to)
		return reason_set(why, ST_USAGE, "counts: --from lies behind --to");
	return status;
}

/* A table is read twice: once for its widths, then to be written. */
struct table {
	struct buf *out;
	uint64_t most;
	int width; /* of what stands left of the count */
};

/* "directory_view  2026-11-20  42  web", without what is summed over. */
static int label(char *text, const struct counts_row *row)
{
	const char *const parts[] = {row->date, row->id, row->source};
	int n = snprintf(text, CELL_BYTES, "%s", row->name);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] && n < CELL_BYTES)
			n += snprintf(text + n, (size_t)(CELL_BYTES - n), "  %s",
				      *parts[i] ? parts[i] : "-");
	return n;
}

static void measure_row(void *context, const struct counts_row *row)
{
	struct table *table = context;
	char text[CELL_BYTES];
	int n = label(text, row);

	table->width = n > table->width ? n : table->width;
	table->most = row->count > table->most ? row->count : table->most;
}

static void print_row(void *context, const struct counts_row *row)
{
	struct table *table = context;
	unsigned cells = (unsigned)((double)row->count * BAR_CELLS / (double)table->most + 0.5);
	char text[CELL_BYTES];

	(void)label(text, row);
	buf_addf(table->out, "%-*s  %12" PRIu64 "  ", table->width, text, row->count);
	for (unsigned i = 0; i < (row->count && !cells ? 1 : cells); i++)
		buf_adds(table->out, "\xe2\x96\x88"); /* a full block */
	buf_addc(table->out, '\n');
}

static enum status write_table(struct counts_reader *reader, const struct counts_question *question,
			       struct buf *out, struct reason *why)
{
	struct table table = {.out = out};
	enum status status = counts_read(reader, question, measure_row, &table, why);

	if (status == ST_OK && !table.most)
		buf_adds(out, "nothing was counted in these days\n");
	else if (status == ST_OK)
		status = counts_read(reader, question, print_row, &table, why);
	return status;
}

enum status cmd_counts(const struct invocation *call, struct reason *why)
{
	struct counts_reader *reader;
	struct asked asked;
	enum status status = read_options(call, &asked, why);
	struct buf out;

	if (status == ST_OK)
		status = counts_reader_new(&reader, call->config);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	if (asked.form == FORM_JSON)
		status = counts_json(reader, &asked.question, &out, why);
	else if (asked.form == FORM_CSV)
		status = counts_csv(reader, &asked.question, &out, why);
	else
		status = write_table(reader, &asked.question, &out, why);
	if (status == ST_OK && asked.form == FORM_JSON)
		buf_addc(&out, '\n');
	if (status == ST_OK)
		status = command_print(&out, why);
	buf_free(&out);
	counts_reader_free(reader);
	return status;
}
