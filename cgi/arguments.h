/*
 * arguments - the command line of tamis.fcgi and tamis.cgi: --config FILE, --key=value, --help, --version.
 */
#ifndef TAMIS_CGI_ARGUMENTS_H
#define TAMIS_CGI_ARGUMENTS_H

#include "config.h"

/* Prints and ends the process for --help and --version. Says what weakens the promise. */
MUST_CHECK enum status arguments_load(struct config **out, int argc, char **argv,
				      struct reason *why);

#endif
