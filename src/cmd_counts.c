/*
 * cmd_counts - `tamis counts`: daily counts, errors of endpoints or steps as a
 * table, or as JSON or CSV.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "counts_table.h"
#include "errors.h"
#include "state.h"
#include "tally.h"

#define TEXT_BYTES ((size_t)256 * 1024 * 1024)
#define DAYS_SHOWN 30
#define DAYS_EVER 2932896 /* 9999-12-31 */

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct asked {
	struct counts_question question;
	enum form form;
	bool errors;	   /* of endpoints, rather than what was declared */
	const char *steps; /* of this metric; NULL: not steps */
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
	case 'e':
		asked->errors = true;
		return ST_OK;
	case 's':
		asked->steps = optarg;
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
	    {"errors", no_argument, NULL, 'e'},		{"steps", required_argument, NULL, 's'},
	    {"group-by", required_argument, NULL, 'g'}, {NULL, 0, NULL, 0},
	};
	int32_t today = (int32_t)clock_day(clock_wall_us());
	enum status status = ST_OK;
	int option;

	*asked = (struct asked){
	    .question = {"", "", today - DAYS_SHOWN + 1, today, GROUP_DATE, INT32_MAX},
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

static void see_row(void *context, const struct counts_row *row)
{
	(void)row;
	*(bool *)context = true;
}

/* Whatever was counted under it on any day; the registry may have dropped it since. */
static enum status was_counted(struct counts_reader *reader, const char *name, bool *was,
			       struct reason *why)
{
	const struct counts_question ever = {name, "", 0, DAYS_EVER, GROUP_NAME, INT32_MAX};

	*was = false;
	return counts_read(reader, &ever, see_row, was, why);
}

/* A name that neither the registry nor the store knows is a slip of the pen. */
static enum status check_name(struct counts_reader *reader, const struct config *config,
			      const char *name, struct reason *why)
{
	struct registry *registry;
	const char *step;
	enum status status;
	bool known;

	if (!*name || !*config->counts_registry)
		return ST_OK;
	status = registry_open(&registry, config->counts_registry, why);
	if (status != ST_OK)
		return status;
	known = registry_find(registry, name, &step) != NULL;
	registry_close(registry);
	if (!known)
		status = was_counted(reader, name, &known, why);
	if (status == ST_OK && !known)
		status = reason_set(why, ST_NOT_FOUND,
				    "counts: the registry has no metric of this name, and nothing "
				    "was counted under it (steps: --steps=NAME)");
	return status;
}

/* The steps of one metric, as the registry orders them. */
static enum status write_steps(struct counts_reader *reader, const struct config *config,
			       const struct asked *asked, struct buf *out, struct reason *why)
{
	const struct measure *measure = NULL;
	struct registry *registry;
	enum status status;

	if (!*config->counts_registry)
		return reason_set(why, ST_CONFIG, "counts.registry is not set: nothing is counted");
	if (asked->form == FORM_CSV)
		return reason_set(why, ST_USAGE,
				  "counts: --steps goes with --json, not with --csv");
	status = registry_open(&registry, config->counts_registry, why);
	if (status != ST_OK)
		return status;
	for (size_t i = 0; i < registry_size(registry); i++)
		if (!strcmp(registry_at(registry, i)->name, asked->steps))
			measure = registry_at(registry, i);
	if (measure && measure->steps.n)
		status = steps_table(reader, measure, &asked->question, asked->form == FORM_JSON,
				     out, why);
	else
		status = reason_set(why, ST_NOT_FOUND,
				    "counts: the registry has no metric of this name with steps");
	registry_close(registry);
	return status;
}

typedef enum status write_fn(struct counts_reader *reader, const struct counts_question *question,
			     struct buf *out, struct reason *why);

static enum status write_asked(struct counts_reader *reader, const struct config *config,
			       const struct asked *asked, struct buf *out, struct reason *why)
{
	static write_fn *const writers[][2] = {
	    [FORM_TABLE] = {counts_table, errors_table},
	    [FORM_JSON] = {counts_json, errors_json},
	    [FORM_CSV] = {counts_csv, errors_csv},
	};

	if (asked->steps)
		return write_steps(reader, config, asked, out, why);
	enum status status = check_name(reader, config, asked->question.name, why);
	if (status != ST_OK)
		return status;
	return writers[asked->form][asked->errors](reader, &asked->question, out, why);
}

/* To who looks: what was counted a moment ago is not in the table yet. */
static void tell_waiting(const struct config *config)
{
	char directory[STATE_PATH_BYTES];
	uint64_t cells;

	state_path(directory, config, STATE_TALLY);
	if (tally_waiting(directory, &cells) == ST_OK && cells)
		fprintf(stderr,
			"counts: %" PRIu64 " %s not in the store yet: `tamis rollup` brings them\n",
			cells, cells == 1 ? "sum is" : "sums are");
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
	status = write_asked(reader, call->config, &asked, &out, why);
	if (status == ST_OK && asked.form == FORM_JSON)
		buf_addc(&out, '\n');
	if (status == ST_OK)
		status = command_print(&out, why);
	buf_free(&out);
	counts_reader_free(reader);
	if (status == ST_OK && asked.form == FORM_TABLE && !asked.errors)
		tell_waiting(call->config);
	return status;
}
