/*
 * tamis - the operator's command: a table of subcommands.
 *
 * The command line has three parts, in any order: what concerns all subcommands
 * (--config=FILE, --help, --version), settings (an option with a dot in its name is
 * --key=value of tamis.yaml(5)), and what the subcommand takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "core.h"
#include "log.h"

struct command {
	const char *name;
	command_fn *run;
	const char *arguments;
	const char *help;
};

static const struct command commands[] = {
#define COMMAND(name, function, arguments, help) {name, function, arguments, help},
#include "command.def"
#undef COMMAND
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The command line, sorted; the arrays hold as many entries as it has words. */
struct line {
	const char *config_path;
	bool help, version;
	const char **settings;
	size_t n_settings;
	char **words; /* the subcommand and what it takes */
	int n_words;
	int exit_code;
};

static void usage(FILE *to)
{
	fputs("usage: tamis [--config=FILE] [--key=value ...] COMMAND ...\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++) {
		fprintf(to, "  %-20s%s\n", commands[i].name, commands[i].help);
	}
	fputs("\n  --config=FILE       read this configuration, not the system's\n"
	      "  --key=value         any setting of tamis.yaml(5), such as --state.dir=/srv/tamis\n"
	      "  --help              this text, or a subcommand's line of it\n"
	      "  --version           the version\n",
	      to);
}

/* "--a.b…": options of subcommands have no dots. */
static bool is_setting(const char *word)
{
	return strncmp(word, "--", 2) == 0 && memchr(word, '.', strcspn(word, "=")) != NULL;
}

static enum status sort_line(struct line *line, int argc, char **argv, struct reason *why)
{
	bool only_words = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (!only_words && strcmp(word, "--config") == 0 && i + 1 == argc)
			return reason_set(why, ST_USAGE, "--config wants a file");
		if (only_words)
			line->words[line->n_words++] = word;
		else if (strncmp(word, "--config=", 9) == 0)
			line->config_path = word + 9;
		else if (strcmp(word, "--config") == 0)
			line->config_path = argv[++i];
		else if (strcmp(word, "--help") == 0)
			line->help = true;
		else if (strcmp(word, "--version") == 0)
			line->version = true;
		else if (is_setting(word))
			line->settings[line->n_settings++] = word;
		else
			line->words[line->n_words++] = word;
		only_words = only_words || strcmp(word, "--") == 0;
	}
	return ST_OK;
}

/* Is the first word only the beginning of commands' names? Then *names holds how they go on. */
static bool names_family(const char *word, char *names, size_t size)
{
	size_t len = strlen(word), used = 0;

	*names = '\0';
	for (size_t i = 0; i < COMMANDS && used < size; i++)
		if (strncmp(commands[i].name, word, len) == 0 && commands[i].name[len] == ' ')
			used += (size_t)snprintf(names + used, size - used, "%s%s",
						 used ? ", " : "", commands[i].name + len + 1);
	return used > 0;
}

/* How many words of the line the command's name takes; 0: it is another one. */
static int name_words(const struct command *command, const struct line *line)
{
	const char *name = command->name;
	int n = 0;

	while (*name) {
		size_t len = strcspn(name, " ");

		if (n == line->n_words || strlen(line->words[n]) != len ||
		    memcmp(line->words[n], name, len) != 0)
			return 0;
		name += len + (name[len] == ' ');
		n++;
	}
	return n;
}

static enum status run_command(const struct command *command, int taken, struct line *line,
			       struct reason *why)
{
	struct invocation call = {.argc = line->n_words - taken + 1,
				  .config_path = config_file(line->config_path),
				  .given_path = line->config_path,
				  .n_settings = line->n_settings,
				  .settings = line->settings,
				  .exit_code = &line->exit_code,
				  .broken = why};
	struct config *config = NULL;
	enum status status;

	if (line->help) {
		printf("usage: tamis %s %s\n  %s\n", command->name, command->arguments,
		       command->help);
		return ST_OK;
	}
	status = config_load(&config, line->config_path, line->n_settings, line->settings, why);
	if (status != ST_OK && command->run != cmd_doctor)
		return status;
	call.config = config;
	call.argv = line->words + taken - 1;
	call.argv[0] = strdup(command->name);
	status = call.argv[0] ? command->run(&call, why) : ST_NO_MEMORY;
	free(call.argv[0]);
	config_free(config);
	return status;
}

static enum status dispatch(struct line *line, struct reason *why)
{
	char names[256];

	if (line->version) {
		printf("tamis %s\n", PACKAGE_VERSION);
		return ST_OK;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		int taken = name_words(&commands[i], line);

		if (taken)
			return run_command(&commands[i], taken, line, why);
	}
	if (line->help) {
		usage(stdout);
		return ST_OK;
	}
	if (line->n_words == 1 && names_family(line->words[0], names, sizeof(names)))
		return reason_set(why, ST_USAGE, "%s needs one of: %s", line->words[0], names);
	usage(stderr);
	if (line->n_words == 0)
		return reason_set(why, ST_USAGE, "a command is missing");
	if (line->words[0][0] == '-')
		return reason_set(why, ST_USAGE,
				  "unknown option: %.*s (settings have a dot, --key=value; options "
				  "of a command stand behind it)",
				  (int)strcspn(line->words[0], "="), line->words[0]);
	return reason_set(why, ST_USAGE, "no such command: %.64s", line->words[0]);
}

int main(int argc, char **argv)
{
	struct line line = {0};
	struct reason why = {""};
	enum status status = ST_NO_MEMORY;

	core_forbid();
	log_open(STDERR_FILENO, "tamis", LOG_NOTICE);
	line.settings = calloc((size_t)argc + 1, sizeof(*line.settings));
	line.words = calloc((size_t)argc + 1, sizeof(*line.words));
	if (line.settings && line.words)
		status = sort_line(&line, argc, argv, &why);
	if (status == ST_OK)
		status = dispatch(&line, &why);
	if (status != ST_OK)
		fprintf(stderr, "tamis: %s\n", *why.text ? why.text : status_text(status));
	free(line.settings);
	free(line.words);
	if (fflush(stdout) != 0 && status == ST_OK)
		status = ST_IO;
	return status == ST_OK ? line.exit_code : status_exit(status);
}
