/*
 * options - tamis.fcgi's command line: --config FILE, --key=value, --help, --version.
 */
#ifndef TAMIS_CGI_OPTIONS_H
#define TAMIS_CGI_OPTIONS_H

#include "config.h"

/* Prints and ends the process for --help and --version. Says what weakens the promise. */
MUST_CHECK enum status options_load(struct config **out, int argc, char **argv, struct reason *why);

#endif
