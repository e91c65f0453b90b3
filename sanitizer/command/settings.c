/*
 * settings - see settings.h. getopt_long() does the reading; its arrays and the
 * dispatch are made from options.def, formats.def and classes.def.
 */
#include "settings.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_JOBS 256
/* getopt's numbers of long options: clear of every letter. */
#define OPTION_BASE 256

#define CLASS_ACTIONS "redact|keep|drop|pseudonym|mask:TEXT"

enum {
#define OPTION(suffix, letter, name, argument, has, apply, help) OPTION_##suffix,
#include "options.def"
#undef OPTION
	OPTION_CLASSES, /* + enum san_class */
	OPTION_COUNT = OPTION_CLASSES + SAN_CLASSES
};

static const struct option_row rows[] = {
#define OPTION(suffix, letter, name, argument, has, apply, help)                                   \
	{letter, name, argument, ARGUMENT_##has, help},
#include "options.def"
#undef OPTION
#define CLASS(id, name, what, why)                                                                 \
	[OPTION_CLASSES + (id)] = {0, name,                                                        \
				   (id) == SAN_IP     ? CLASS_ACTIONS "|truncate|truncate/24,48"   \
				   : (id) == SAN_CARD ? CLASS_ACTIONS "|last4"                     \
						      : CLASS_ACTIONS,                             \
				   ARGUMENT_YES, what},
#include "classes.def"
#undef CLASS
};

static const char *const format_names[] = {
#define FORMAT(suffix, name, text) name,
#include "formats.def"
#undef FORMAT
};

typedef int apply_fn(struct settings *settings, const char *argument, struct cause *cause);

/* The word's place in names, or a cause that lists them. */
static int choose(const char *option, const char *word, const char *const *names, int n,
		  struct cause *cause)
{
	for (int i = 0; i < n; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	cause_set(cause, "--%s: no such choice; use", option);
	for (int i = 0; i < n; i++) {
		strncat(cause->text, i ? ", " : " ", sizeof(cause->text) - strlen(cause->text) - 1);
		strncat(cause->text, names[i], sizeof(cause->text) - strlen(cause->text) - 1);
	}
	return -1;
}

static int set_format(struct settings *settings, const char *argument, struct cause *cause)
{
	int i = choose("format", argument, format_names, FORMAT_COUNT, cause);

	if (i >= 0)
		settings->format = (enum format)i;
	return i < 0 ? -1 : 0;
}

static int set_report(struct settings *settings, const char *argument, struct cause *cause)
{
	static const char *const names[] = {"text", "json"};
	int i = choose("report", argument, names, 2, cause);

	if (i >= 0)
		settings->report = i ? REPORT_JSON : REPORT_TEXT;
	return i < 0 ? -1 : 0;
}

static int set_compress(struct settings *settings, const char *argument, struct cause *cause)
{
	static const char *const names[] = {"auto", "none", "gzip", "zstd"};
	int i = choose("compress", argument, names, 4, cause);

	if (i >= 0)
		settings->compress = (enum compress)i;
	return i < 0 ? -1 : 0;
}

static int set_jobs(struct settings *settings, const char *argument, struct cause *cause)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(argument, &end, 10);
	if (errno || end == argument || *end || *argument == '-' || n > MAX_JOBS)
		return cause_set(cause, "--jobs: takes a number from 0 to %d", MAX_JOBS);
	settings->jobs = (unsigned)n;
	return 0;
}

static int add_field(struct settings *settings, const char *argument, struct cause *cause)
{
	const char *equals = strrchr(argument, '=');
	const char **fields;

	if (!equals || equals == argument)
		return cause_set(cause, "--field: takes NAME=ACTION");
	fields = realloc(settings->fields, (settings->n_fields + 1) * sizeof(*fields));
	if (!fields)
		return cause_set(cause, "out of memory");
	settings->fields = fields;
	fields[settings->n_fields++] = argument;
	return 0;
}

static int set_only(struct settings *settings, const char *argument, struct cause *cause)
{
	settings->only = argument;
	return *argument ? 0 : cause_set(cause, "--only: names no class; see --list-classes");
}

static int set_in_place(struct settings *settings, const char *argument, struct cause *cause)
{
	if (argument && (!*argument || strchr(argument, '/')))
		return cause_set(cause, "--in-place: the suffix must not be empty nor hold a '/'");
	settings->in_place = true;
	settings->suffix = argument;
	return 0;
}

static int set_task(struct settings *settings, enum task task, struct cause *cause)
{
	if (settings->task != TASK_CLEAN && settings->task != task)
		return cause_set(
		    cause, "only one of --check, --diff, --explain and --list-classes at a time");
	settings->task = task;
	return 0;
}

#define TASK_SETTER(function, task)                                                                \
	static int function(struct settings *settings, const char *argument, struct cause *cause)  \
	{                                                                                          \
		(void)argument;                                                                    \
		return set_task(settings, task, cause);                                            \
	}
TASK_SETTER(set_check, TASK_CHECK)
TASK_SETTER(set_diff, TASK_DIFF)
TASK_SETTER(set_list, TASK_LIST)
TASK_SETTER(set_help, TASK_HELP)
TASK_SETTER(set_version, TASK_VERSION)

static int set_explain(struct settings *settings, const char *argument, struct cause *cause)
{
	settings->explain = argument;
	return set_task(settings, TASK_EXPLAIN, cause);
}

#define FIELD_SETTER(function, field, value)                                                       \
	static int function(struct settings *settings, const char *argument, struct cause *cause)  \
	{                                                                                          \
		(void)argument;                                                                    \
		(void)cause;                                                                       \
		settings->field = value;                                                           \
		return 0;                                                                          \
	}
FIELD_SETTER(set_log_format, log_format, argument)
FIELD_SETTER(set_output, output, argument)
FIELD_SETTER(set_recursive, recursive, true)
FIELD_SETTER(set_follow, follow, true)
FIELD_SETTER(set_from_end, from_end, true)
FIELD_SETTER(set_except, except, argument)
FIELD_SETTER(set_rules, rules_file, argument)
FIELD_SETTER(set_allow, allow_file, argument)
FIELD_SETTER(set_key_file, key_file, argument)
FIELD_SETTER(set_hex_min, hex_min, argument)
FIELD_SETTER(set_stats, stats, true)
FIELD_SETTER(set_quiet, quiet, true)

static apply_fn *const setters[] = {
#define OPTION(suffix, letter, name, argument, has, apply, help) apply,
#include "options.def"
#undef OPTION
};

const struct option_row *option_row(size_t i)
{
	return i < OPTION_COUNT ? &rows[i] : NULL;
}

const char *class_option(int san_class)
{
	return rows[OPTION_CLASSES + san_class].name;
}

static bool reads_stdin(const struct settings *settings)
{
	for (int i = 0; i < settings->n_operands; i++)
		if (strcmp(settings->operands[i], "-") == 0)
			return true;
	return false;
}

/* What excludes what, once all is read. */
static int check_together(struct settings *settings, struct cause *cause)
{
	bool writes = settings->task == TASK_CLEAN;

	if (settings->log_format) {
		if (settings->format != FORMAT_AUTO && settings->format != FORMAT_COMBINED)
			return cause_set(cause, "--log-format goes with --format=combined only");
		settings->format = FORMAT_COMBINED;
	}
	if (settings->n_fields &&
	    (settings->format == FORMAT_TEXT || settings->format == FORMAT_URL))
		return cause_set(cause, "--field does not go with --format=%s, which has no fields",
				 format_names[settings->format]);
	if (settings->in_place && settings->output)
		return cause_set(cause, "--in-place and --output exclude each other");
	if (settings->in_place && !writes)
		return cause_set(cause, "--in-place does not go with a task that writes nothing");
	if (settings->in_place && !settings->n_operands)
		return cause_set(cause, "--in-place needs a file");
	if (settings->in_place && reads_stdin(settings))
		return cause_set(cause, "--in-place rewrites files: standard input (-) is none");
	if (settings->report != REPORT_NONE && settings->task != TASK_CHECK)
		return cause_set(cause, "--report goes with --check only");
	if (settings->follow && (settings->in_place || settings->recursive || !writes))
		return cause_set(cause,
				 "--follow goes with files and plain cleaning to an output only");
	if (settings->follow && reads_stdin(settings))
		return cause_set(cause, "--follow takes files, or standard input alone");
	if (settings->n_operands && (settings->task == TASK_EXPLAIN || settings->task == TASK_LIST))
		return cause_set(cause, "--explain and --list-classes take no files");
	if (settings->task == TASK_EXPLAIN && settings->format == FORMAT_CSV)
		return cause_set(cause, "--explain does not know CSV");
	if (settings->from_end && !settings->follow)
		return cause_set(cause, "--from-end goes with --follow only");
	if (settings->from_end && settings->format == FORMAT_CSV)
		return cause_set(cause, "--from-end would miss the header of CSV");
	if (settings->only && settings->except)
		return cause_set(cause, "--only and --except exclude each other");
	return 0;
}

static int apply_one(struct settings *settings, int number, const char *argument,
		     struct cause *cause)
{
	if (number >= OPTION_CLASSES) {
		settings->action[number - OPTION_CLASSES] = argument;
		return 0;
	}
	return setters[number](settings, argument, cause);
}

static int number_of_letter(int letter)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (rows[i].letter == letter)
			return i;
	return -1;
}

static int missing(const struct option_row *row, const char *given, struct cause *cause)
{
	bool is_long = given[0] == '-' && given[1] == '-';

	return cause_set(cause, "%s: an argument is missing: %s%s%s", given, given,
			 is_long ? "=" : " ", row->argument);
}

/* getopt said '?' to argv's `given`; number: of the option that it knows, or -1. */
static int unknown(int letter, int number, const char *given, struct cause *cause)
{
	size_t len = strcspn(given, "="), n = 0;

	if (number >= 0)
		return cause_set(cause, "--%s takes no argument", rows[number].name);
	if (letter)
		return cause_set(cause, "there is no option -%c; see --help", letter);
	for (int i = 0; i < OPTION_COUNT; i++)
		n += len > 2 && strncmp(rows[i].name, given + 2, len - 2) == 0;
	return cause_set(cause,
			 n > 1 ? "%.*s: several options begin like this; see --help"
			       : "there is no option %.*s; see --help",
			 (int)len, given);
}

/* "rq": letters of options without arguments only. */
static bool are_switches(const char *letters)
{
	for (; *letters; letters++) {
		int i = number_of_letter(*letters);
		if (i < 0 || rows[i].has != ARGUMENT_NO)
			return false;
	}
	return true;
}

/* `-f=json`, `-i=.bak`: meant is the long form's. */
static int check_form(const struct option_row *row, int c, const char *given, const char *argument,
		      struct cause *cause)
{
	if (c < OPTION_BASE && argument && argument != given && *argument == '=')
		return cause_set(cause, "-%c takes its argument without '='; --%s= with it", c,
				 row->name);
	if (c == 'i' && argument && are_switches(argument))
		return cause_set(cause, "-i%s would keep originals as *%s; write -i -%s or --%s=%s",
				 argument, argument, argument, row->name, argument);
	if (argument && !*argument && row->argument && strcmp(row->argument, "FILE") == 0)
		return cause_set(cause, "--%s: the file's name is empty", row->name);
	return 0;
}

static int parse_one(struct settings *settings, int c, char **argv, struct cause *cause)
{
	const char *given = argv[optind - 1];
	int number = c >= OPTION_BASE ? c - OPTION_BASE : number_of_letter(c);

	if (c == ':' || c == '?') {
		bool is_long = optopt >= OPTION_BASE;
		number = is_long ? optopt - OPTION_BASE : number_of_letter(optopt);
		return c == ':'
			   ? missing(&rows[number], given, cause)
			   : unknown(is_long ? 0 : optopt, is_long ? number : -1, given, cause);
	}
	if (check_form(&rows[number], c, given, optarg, cause))
		return -1;
	return apply_one(settings, number, optarg, cause);
}

int settings_parse(struct settings *settings, int argc, char **argv, struct cause *cause)
{
	struct option longs[OPTION_COUNT + 1] = {0};
	char letters[3 * OPTION_COUNT + 2] = ":", *p = letters + 1;
	int c;

	*settings = (struct settings){.jobs = 1};
	for (int i = 0; i < OPTION_COUNT; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].has == ARGUMENT_NO	 ? no_argument
				   : rows[i].has == ARGUMENT_YES ? required_argument
								 : optional_argument;
		longs[i].val = OPTION_BASE + i;
		if (rows[i].letter) {
			*p++ = rows[i].letter;
			for (int colons = rows[i].has; colons; colons--)
				*p++ = ':';
		}
	}
	*p = '\0';
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		if (parse_one(settings, c, argv, cause))
			return -1;
	settings->operands = argv + optind;
	settings->n_operands = argc - optind;
	return check_together(settings, cause);
}

void settings_free(struct settings *settings)
{
	free(settings->fields);
	settings->fields = NULL;
}
