/*
 * command - what the subcommands of `tamis` share: one row of command.def each.
 *
 * A subcommand gets the configuration and what of the command line is its own. It
 * returns a status, which becomes the exit code, and on failure the reason, which
 * main() prints. Results go to standard output, everything else to standard error.
 */
#ifndef TAMIS_COMMAND_H
#define TAMIS_COMMAND_H

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>

#include "buf.h"
#include "config.h"
#include "status.h"

struct invocation {
	const struct config *config; /* NULL for the doctor alone, when it is broken */
	const struct reason *broken; /* why */
	const char *config_path;     /* NULL: no file */
	const char *given_path;	     /* what config_load() got, to be loaded again */
	size_t n_settings;
	const char *const *settings;
	int *exit_code; /* of a command that ends with ST_OK; 0 unless it says so */
	int argc;	/* argv[0] is the command's name, then its options and operands */
	char **argv;
};

typedef enum status command_fn(const struct invocation *call, struct reason *why);

#define COMMAND(name, function, arguments, help) command_fn function;
#include "command.def"
#undef COMMAND

/*
 * The next option of the table (getopt_long, operands last), -1 at their end, '?' with
 * *status and why set when it is none.
 */
int command_option(const struct invocation *call, const struct option *options, enum status *status,
		   struct reason *why);
/* All that the command takes is the option --name; *flag: it was given. */
MUST_CHECK enum status command_flag(const struct invocation *call, const char *name, bool *flag,
				    struct reason *why);
/* ST_USAGE unless there are no operands (and no options of its own). */
MUST_CHECK enum status command_no_arguments(const struct invocation *call, struct reason *why);
/* Say loudly, on standard error, which settings weaken the promise. */
void command_warn(const struct invocation *call);
/* From now on the first SIGTERM or SIGINT sets the flag to its number, the second one kills. */
const volatile sig_atomic_t *command_stop_flag(void);
/*
 * From now on SIGHUP sets that flag, too, and does not kill. command_reload(): was it SIGHUP?
 * Then the flag is clear again and *out is the configuration as it is now, or NULL with the
 * reason logged; false when the process is to end.
 */
void command_heed_reload(void);
bool command_reload(const struct invocation *call, struct config **out);
/* To standard output. */
MUST_CHECK enum status command_print(const struct buf *text, struct reason *why);

#endif
