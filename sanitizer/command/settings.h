/*
 * settings - the command line, read into one struct by the table options.def.
 *
 * Strings are borrowed from argv. What an option means is checked where it is
 * used (plan.c for rules), its form here.
 */
#ifndef SANITIZE_SETTINGS_H
#define SANITIZE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cause.h"
#include "sanitizer.h"

enum format {
#define FORMAT(suffix, name, text) FORMAT_##suffix,
#include "formats.def"
#undef FORMAT
	FORMAT_COUNT
};

enum task { TASK_CLEAN, TASK_CHECK, TASK_DIFF, TASK_EXPLAIN, TASK_LIST, TASK_HELP, TASK_VERSION };
enum report_kind { REPORT_NONE, REPORT_TEXT, REPORT_JSON };
enum compress { COMPRESS_AUTO, COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_ZSTD };

struct settings {
	enum task task;
	enum format format;
	enum report_kind report;
	enum compress compress;
	bool in_place, recursive, follow, from_end, stats, quiet;
	unsigned jobs;
	const char *suffix; /* of --in-place, or NULL */
	const char *log_format, *output, *explain;
	const char *only, *except, *rules_file, *allow_file, *key_file, *hex_min;
	const char *action[SAN_CLASSES]; /* --CLASS=ACTION */
	const char **fields;		 /* NAME=ACTION */
	size_t n_fields;
	char **operands;
	int n_operands;
};

/* As many colons as getopt wants behind the letter. */
enum has_argument { ARGUMENT_NO, ARGUMENT_YES, ARGUMENT_MAYBE };

/* A row of the table as help, manual and completions show it. */
struct option_row {
	char letter; /* or 0 */
	const char *name, *argument;
	enum has_argument has;
	const char *help;
};

/* Ended with settings_free(). -1: wrong use. */
MUST_CHECK int settings_parse(struct settings *settings, int argc, char **argv,
			      struct cause *cause);
void settings_free(struct settings *settings);

/* All rows, those of the classes last. i from 0; NULL after the last. */
const struct option_row *option_row(size_t i);
/* "api-key" for SAN_API_KEY: the class as an option is called. */
const char *class_option(int san_class);

#endif
